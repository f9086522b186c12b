"""The loopback network: scripted origins, HTTP proxies and SOCKS proxies, with or without TLS."""
