//! What the process environment says, as a value: proxy variables, netrc text, CA bundles.
