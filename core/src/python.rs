//! Where each name of Python's `requests` is found here.
//!
//! There is no code in this module. What needs a socket or a callable is a runtime's and stands
//! here without a link: each runtime (`sessio-std` is the first) has the same names. What differs
//! in behaviour is in the table of divergences that `sessio-conformance divergences` prints.
//!
//! # `requests.sessions`
//!
//! | Python | Rust |
//! |---|---|
//! | `session()` | `sessio_std::session`; [`session`](crate::session()) |
//! | `Session()`, `Session.__init__` | `sessio_std::Session::new`; [`Session::new`](crate::Session::new) |
//! | `Session.__enter__`, `__exit__` | the end of a scope: dropping a session closes its connections |
//! | `Session.prepare_request` | [`Session::prepare_request`](crate::Session::prepare_request) |
//! | `Session.request` | `Session::request` of a runtime, given a [`Request`](crate::Request) |
//! | `Session.get` | `Session::get`; [`Request::get`](crate::Request::get) |
//! | `Session.options` | `Session::options`; [`Request::options`](crate::Request::options) |
//! | `Session.head` | `Session::head`; [`Request::head`](crate::Request::head) |
//! | `Session.post` | `Session::post`; [`Request::post`](crate::Request::post) |
//! | `Session.put` | `Session::put`; [`Request::put`](crate::Request::put) |
//! | `Session.patch` | `Session::patch`; [`Request::patch`](crate::Request::patch) |
//! | `Session.delete` | `Session::delete`; [`Request::delete`](crate::Request::delete) |
//! | `Session.send` | `Session::send` of a runtime; [`Session::start`](crate::Session::start) |
//! | `Session.merge_environment_settings` | [`Shared::merge_environment_settings`](crate::shared::Shared::merge_environment_settings), [`policy::settings::merge_environment_settings`](crate::policy::settings::merge_environment_settings) |
//! | `Session.get_adapter` | [`Shared::get_adapter`](crate::shared::Shared::get_adapter) |
//! | `Session.mount` | [`Shared::mount`](crate::shared::Shared::mount) |
//! | `HTTPAdapter(max_retries=...)` | [`Adapter::with_retries`](crate::Adapter::with_retries), [`Adapter::max_retries`](crate::Adapter::max_retries) |
//! | `Session.close` | [`Shared::close`](crate::shared::Shared::close) |
//! | `Session.__getstate__` | [`Session::save`](crate::Session::save): a [`SavedSession`](crate::SavedSession), for serde |
//! | `Session.__setstate__` | [`Session::restore`](crate::Session::restore) |
//! | `merge_setting` | [`policy::merge::merge_setting`](crate::policy::merge::merge_setting) |
//! | `merge_hooks` | [`policy::merge::merge_hooks`](crate::policy::merge::merge_hooks), [`Hooks::merged`](crate::Hooks::merged) |
//! | `SessionRedirectMixin.get_redirect_target` | [`url::redirect_target`](crate::url::redirect_target), then [`url::resolve_location`](crate::url::resolve_location) |
//! | `SessionRedirectMixin.should_strip_auth` | [`policy::authorization::should_strip_auth`](crate::policy::authorization::should_strip_auth) |
//! | `SessionRedirectMixin.resolve_redirects` | [`policy::redirect::decide`](crate::policy::redirect::decide), which an [`Exchange`](crate::Exchange) carries out |
//! | `SessionRedirectMixin.rebuild_auth` | [`policy::authorization::rebuild_auth`](crate::policy::authorization::rebuild_auth) |
//! | `SessionRedirectMixin.rebuild_proxies` | [`policy::proxy::rebuild_proxies`](crate::policy::proxy::rebuild_proxies) |
//! | `SessionRedirectMixin.rebuild_method` | [`policy::rebuild::rebuild_method`](crate::policy::rebuild::rebuild_method) |
//!
//! | `SessionRedirectMixin.resolve_redirects(yield_requests=True)`, `Session.send(allow_redirects=False)` | [`Response::next`](crate::Response::next), sent by `Session::send` of a runtime |
//! | `DEFAULT_REDIRECT_LIMIT` | [`policy::redirect::REDIRECTS_MAX`](crate::policy::redirect::REDIRECTS_MAX) |
//! | `REDIRECT_STATI` | [`policy::redirect::kind`](crate::policy::redirect::kind) |
//!
//! # `requests.api`
//!
//! `request`, `get`, `options`, `head`, `post`, `put`, `patch` and `delete` make a session for one
//! call. Here a program makes one itself, `Session::new()`, and keeps it: its connections are worth
//! it.
//!
//! # Attributes of `Session`
//!
//! A [`Session`](crate::Session) derefs to [`Shared`](crate::shared::Shared): `session.headers` is
//! written as in Python.
//!
//! | Python | Rust |
//! |---|---|
//! | `headers` | [`Shared::headers`](crate::shared::Shared::headers): [`Headers`](crate::Headers) |
//! | `auth` | [`Session::auth`](crate::Session::auth): [`Auth`](crate::Auth) |
//! | `proxies` | [`Shared::proxies`](crate::shared::Shared::proxies): [`Proxies`](crate::policy::proxies::Proxies) |
//! | `hooks` | [`Session::hooks`](crate::Session::hooks): [`Hooks`](crate::Hooks) |
//! | `params` | [`Shared::params`](crate::shared::Shared::params): [`Params`](crate::Params) |
//! | `stream` | [`Shared::stream`](crate::shared::Shared::stream) |
//! | `verify` | [`Shared::verify`](crate::shared::Shared::verify): [`Verify`](crate::policy::settings::Verify) |
//! | `cert` | [`Shared::cert`](crate::shared::Shared::cert): [`Certificate`](crate::message::Certificate) |
//! | `max_redirects` | [`Shared::max_redirects`](crate::shared::Shared::max_redirects) |
//! | `trust_env` | [`Shared::trust_env`](crate::shared::Shared::trust_env): [`Trust`](crate::environment::Trust) |
//! | `cookies` | [`Shared::cookies`](crate::shared::Shared::cookies): [`Jar`](crate::Jar) |
//! | `adapters` | [`Shared::adapters`](crate::shared::Shared::adapters): [`Adapters`](crate::adapters::Adapters) |
//!
//! # Parameters of `Session.request`
//!
//! | Python | Rust |
//! |---|---|
//! | `method`, `url` | [`Request::new`](crate::Request::new) |
//! | `params` | [`Request::param`](crate::Request::param), [`Request::params`](crate::Request::params) |
//! | `data` | [`Request::form`](crate::Request::form), [`Request::body`](crate::Request::body), [`Request::upload`](crate::Request::upload) |
//! | `json` | [`Request::json`](crate::Request::json) |
//! | `headers` | [`Request::header`](crate::Request::header); a value of `None`: [`Request::without_header`](crate::Request::without_header) |
//! | `cookies` | [`Request::cookie`](crate::Request::cookie) |
//! | `files` | [`Request::file`](crate::Request::file), [`Request::file_upload`](crate::Request::file_upload) |
//! | `auth` | [`Request::auth`](crate::Request::auth), [`Request::basic_auth`](crate::Request::basic_auth), [`Request::digest_auth`](crate::Request::digest_auth), [`Request::bearer_auth`](crate::Request::bearer_auth), [`Request::no_auth`](crate::Request::no_auth) |
//! | `timeout` | [`Request::timeout`](crate::Request::timeout): [`Timeouts`](crate::Timeouts) |
//! | `allow_redirects` | [`Request::allow_redirects`](crate::Request::allow_redirects) |
//! | `proxies` | [`Request::proxies`](crate::Request::proxies), [`Request::no_proxy`](crate::Request::no_proxy) |
//! | `hooks` | [`Request::hook`](crate::Request::hook) |
//! | `stream` | [`Request::stream`](crate::Request::stream) |
//! | `verify` | [`Request::verify`](crate::Request::verify) |
//! | `cert` | [`Request::cert`](crate::Request::cert) |
//!
//! `Session.send(stream=, verify=, proxies=, cert=, timeout=, allow_redirects=)`: the fields of
//! [`CallOptions`](crate::message::CallOptions).
//!
//! # `requests.adapters`
//!
//! What `HTTPAdapter` does is the exchange's; what it is told is an [`Adapter`](crate::Adapter), and
//! that is plain data.
//!
//! | Python | Rust |
//! |---|---|
//! | `HTTPAdapter(pool_connections=, pool_maxsize=)` | [`Adapter::pool`](crate::Adapter::pool): [`PoolCaps`](crate::pool::PoolCaps) |
//! | `pool_block` | [`Shared::limit_connections`](crate::shared::Shared::limit_connections): calls wait in turn, for every adapter |
//! | `DEFAULT_POOLSIZE` | [`PoolCaps::default`](crate::pool::PoolCaps) |
//! | `DEFAULT_RETRIES` | [`Retry::none`](crate::policy::retry::Retry::none) |
//! | `urllib3.Retry(...)` | [`policy::retry::Retry`](crate::policy::retry::Retry), with its parameters as fields |
//! | `BaseAdapter` | a loop of one's own around an [`Exchange`](crate::Exchange), as [`embedding`](crate::embedding) shows |
//! | `HTTPAdapter.request_url` | [`policy::proxy::request_url`](crate::policy::proxy::request_url) |
//! | `HTTPAdapter.proxy_headers` | [`policy::proxy::proxy_headers`](crate::policy::proxy::proxy_headers) |
//! | `HTTPAdapter.build_connection_pool_key_attributes` | [`connection::route::Route`](crate::connection::route::Route): the whole of it is the key |
//! | `HTTPAdapter.cert_verify`, `get_connection_with_tls_context` | [`connection::route::Security`](crate::connection::route::Security) of a route |
//! | `init_poolmanager`, `proxy_manager_for`, `get_connection` | the session's [`pool`](crate::pool); a proxy is part of a route |
//! | `DEFAULT_CA_BUNDLE_PATH` | the roots of the platform or those compiled in: [`tls`](crate::tls) |
//! | `HTTPAdapter.build_response` | [`Response`](crate::Response), made of the head as it came |
//! | `HTTPAdapter.add_headers`, subclasses | a hook, or custom [`Auth`](crate::Auth), which sees the prepared request |
//!
//! # `PreparedRequest`
//!
//! | Python | Rust |
//! |---|---|
//! | `prepare_method` | [`policy::method::prepare_method`](crate::policy::method::prepare_method), [`policy::method::parse`](crate::policy::method::parse) |
//! | `prepare_url` | [`url::parse_with_params`](crate::url::parse_with_params) |
//! | `prepare_headers` | [`headers::name`](crate::headers::name), [`headers::value`](crate::headers::value) |
//! | `prepare_auth`, `prepare_cookies`, `prepare_hooks` | [`Session::prepare_request`](crate::Session::prepare_request), in the order of requests |
//! | `RequestEncodingMixin._encode_params` | [`Params::encode`](crate::Params::encode) |
//! | `RequestEncodingMixin._encode_files` | [`wire::multipart`](crate::wire::multipart) |
//! | `Request.prepare` | [`Prepared::bare`](crate::Prepared::bare) |
//! | `method`, `url`, `headers`, `body` | the fields of [`PreparedRequest`](crate::PreparedRequest) |
//! | `path_url` | [`PreparedRequest::path_url`](crate::PreparedRequest::path_url) |
//! | `copy` | `clone` |
//! | `prepare_body`, `prepare_content_length` | [`PreparedRequest::set_body`](crate::PreparedRequest::set_body) |
//! | `register_hook`, `deregister_hook` | [`Hooks::register`](crate::Hooks::register), [`Hooks::deregister`](crate::Hooks::deregister) |
//!
//! # `Response`
//!
//! | Python | Rust |
//! |---|---|
//! | `status_code` | [`Response::status`](crate::Response::status) |
//! | `reason` | [`Response::reason`](crate::Response::reason()) |
//! | `url` | [`Response::url`](crate::Response::url()) |
//! | `headers` | [`Response::headers`](crate::Response::headers), [`Response::header`](crate::Response::header) |
//! | `content` | [`Response::bytes`](crate::Response::bytes), [`Response::content`](crate::Response::content) |
//! | `encoding` | [`Response::encoding`](crate::Response::encoding()), [`Response::set_encoding`](crate::Response::set_encoding) |
//! | `apparent_encoding` | [`Response::apparent_encoding`](crate::Response::apparent_encoding); [`wire::charset::apparent_encoding`](crate::wire::charset::apparent_encoding) |
//! | `text` | [`Response::text`](crate::Response::text); [`wire::charset::text`](crate::wire::charset::text()) |
//! | `json()` | [`Response::json`](crate::Response::json); [`wire::json::parse`](crate::wire::json::parse) |
//! | `iter_content` | `Response::iter_content` of a runtime; [`message::cuts`](crate::message::cuts), [`Pieces`](crate::wire::pieces::Pieces) |
//! | `iter_lines` | `Response::iter_lines` of a runtime; [`Lines`](crate::wire::lines::Lines) |
//! | `raw` | the runtime's reader; undecoded: [`Exchange::set_decoding`](crate::Exchange::set_decoding) |
//! | `history` | [`Response::history`](crate::Response::history) |
//! | `iter_content(chunk_size, decode_unicode)` | a size for bytes; text by `iter_text` of a runtime |
//! | `iter_lines(chunk_size, decode_unicode, delimiter)` | lines do not depend on the size; `iter_text_lines` and a delimiter of a runtime |
//! | `next` | [`Response::next`](crate::Response::next) |
//! | `links` | [`Response::links`](crate::Response::links); [`headers::links::links`](crate::headers::links::links) |
//! | `cookies` | [`Response::cookies`](crate::Response::cookies) |
//! | `elapsed` | [`Response::elapsed`](crate::Response::elapsed) |
//! | `request` | [`Response::request`](crate::Response::request) |
//! | `ok` | [`Response::is_ok`](crate::Response::is_ok) |
//! | `is_redirect` | [`Response::is_redirect`](crate::Response::is_redirect) |
//! | `is_permanent_redirect` | [`Response::is_permanent_redirect`](crate::Response::is_permanent_redirect) |
//! | `raise_for_status()` | [`Response::raise_for_status`](crate::Response::raise_for_status) |
//! | `CONTENT_CHUNK_SIZE`, `ITER_CHUNK_SIZE` | none: content comes as the network brings it, cut only where a size is asked for |
//! | `close()` | dropping the response; dropping an [`Exchange`](crate::Exchange) |
//!
//! # `requests.exceptions`
//!
//! Every one is an [`Error`](crate::Error) of a [kind](crate::ErrorKind).
//!
//! | Python | Rust |
//! |---|---|
//! | `RequestException` | [`Error`](crate::Error); its `request` and `response`: [`Error::request`](crate::Error::request), [`Error::response`](crate::Error::response) |
//! | `HTTPError` | [`ErrorKind::Http`](crate::ErrorKind::Http) |
//! | `ConnectionError` | [`ErrorKind::Connection`](crate::ErrorKind::Connection); all of them: [`ErrorKind::is_connection`](crate::ErrorKind::is_connection) |
//! | `ProxyError` | [`ErrorKind::Proxy`](crate::ErrorKind::Proxy) |
//! | `SSLError` | [`ErrorKind::Ssl`](crate::ErrorKind::Ssl) |
//! | `Timeout` | [`ErrorKind::is_timeout`](crate::ErrorKind::is_timeout) |
//! | `ConnectTimeout` | [`ErrorKind::ConnectTimeout`](crate::ErrorKind::ConnectTimeout) |
//! | `ReadTimeout` | [`ErrorKind::ReadTimeout`](crate::ErrorKind::ReadTimeout) |
//! | `URLRequired`, `InvalidURL` | [`ErrorKind::InvalidUrl`](crate::ErrorKind::InvalidUrl); all of them: [`ErrorKind::is_invalid_url`](crate::ErrorKind::is_invalid_url) |
//! | `MissingSchema` | [`ErrorKind::MissingSchema`](crate::ErrorKind::MissingSchema) |
//! | `InvalidSchema` | [`ErrorKind::InvalidSchema`](crate::ErrorKind::InvalidSchema) |
//! | `InvalidProxyURL` | [`ErrorKind::InvalidProxyUrl`](crate::ErrorKind::InvalidProxyUrl) |
//! | `InvalidHeader` | [`ErrorKind::InvalidHeader`](crate::ErrorKind::InvalidHeader) |
//! | `TooManyRedirects` | [`ErrorKind::TooManyRedirects`](crate::ErrorKind::TooManyRedirects) |
//! | `ChunkedEncodingError` | [`ErrorKind::ChunkedEncoding`](crate::ErrorKind::ChunkedEncoding) |
//! | `ContentDecodingError` | [`ErrorKind::ContentDecoding`](crate::ErrorKind::ContentDecoding) |
//! | `StreamConsumedError` | [`ErrorKind::StreamConsumed`](crate::ErrorKind::StreamConsumed) |
//! | `RetryError` | [`ErrorKind::Retry`](crate::ErrorKind::Retry) |
//! | `UnrewindableBodyError` | [`ErrorKind::UnrewindableBody`](crate::ErrorKind::UnrewindableBody) |
//! | `InvalidJSONError` | [`ErrorKind::InvalidJson`](crate::ErrorKind::InvalidJson) |
//! | `JSONDecodeError` | [`ErrorKind::JsonDecode`](crate::ErrorKind::JsonDecode) |
//! | `CookieConflictError` | [`ErrorKind::CookieConflict`](crate::ErrorKind::CookieConflict) |
//! | `ValueError` and the like, where requests lets them out | [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest), [`ErrorKind::InvalidMethod`](crate::ErrorKind::InvalidMethod) |
//!
//! Without a like in requests: [`ErrorKind::TotalTimeout`](crate::ErrorKind::TotalTimeout),
//! [`ErrorKind::PoolTimeout`](crate::ErrorKind::PoolTimeout),
//! [`ErrorKind::Limit`](crate::ErrorKind::Limit), [`ErrorKind::Upload`](crate::ErrorKind::Upload)
//! and [`ErrorKind::Hook`](crate::ErrorKind::Hook).
//!
//! # `RequestsCookieJar`
//!
//! | Python | Rust |
//! |---|---|
//! | `get(name, default, domain, path)`, `jar[name]` | [`Jar::get_in`](crate::Jar::get_in), [`Jar::get`](crate::Jar::get) |
//! | `set(name, value, **kwargs)`, `jar[name] = value`, `set_cookie` | [`Jar::set`](crate::Jar::set) |
//! | `del jar[name]` | [`Jar::remove`](crate::Jar::remove) |
//! | `keys`, `iterkeys` | [`Jar::keys`](crate::Jar::keys) |
//! | `values`, `itervalues` | [`Jar::values`](crate::Jar::values) |
//! | `items`, `iteritems` | [`Jar::items`](crate::Jar::items); whole cookies: [`Jar::iter`](crate::Jar::iter) |
//! | `name in jar` | [`Jar::contains`](crate::Jar::contains) |
//! | `list_domains`, `list_paths` | [`Jar::list_domains`](crate::Jar::list_domains), [`Jar::list_paths`](crate::Jar::list_paths) |
//! | `multiple_domains` | [`Jar::multiple_domains`](crate::Jar::multiple_domains) |
//! | `get_dict(domain, path)` | [`Jar::get_dict`](crate::Jar::get_dict) |
//! | `update(other)` | [`Jar::update`](crate::Jar::update) |
//! | `clear(domain, path, name)` | [`Jar::clear`](crate::Jar::clear) |
//! | `clear_session_cookies`, `clear_expired_cookies` | [`Jar::clear_session_cookies`](crate::Jar::clear_session_cookies), [`Jar::clear_expired_cookies`](crate::Jar::clear_expired_cookies) |
//! | `copy`, `_copy_cookie_jar` | `clone` |
//! | `get_policy` | [`cookies::Limits`](crate::cookies::Limits), [`Jar::set_limits`](crate::Jar::set_limits): the rules themselves are RFC 6265bis |
//! | `MockRequest`, `MockResponse` | not needed: a jar takes lines and a URL |
//!
//! # `requests.auth`
//!
//! | Python | Rust |
//! |---|---|
//! | `HTTPDigestAuth.build_digest_header` | [`policy::digest::answer`](crate::policy::digest::answer()), after [`policy::digest::choose`](crate::policy::digest::choose) |
//! | `HTTPDigestAuth.handle_401`, `handle_redirect`, `init_per_thread_state` | steps of the [`Exchange`](crate::Exchange); what is remembered is the session's, for each origin and realm |
//! | `AuthBase.__call__(r)` | [`Output::Prepared`](crate::Output::Prepared) |
//!
//! # `requests.structures`, `requests.hooks`, `requests.status_codes`
//!
//! | Python | Rust |
//! |---|---|
//! | `CaseInsensitiveDict.__getitem__`, `__setitem__`, `__delitem__` | [`Headers::get`](crate::Headers::get), [`Headers::try_set`](crate::Headers::try_set), [`Headers::remove`](crate::Headers::remove) |
//! | `CaseInsensitiveDict.lower_items` | [`Headers::iter`](crate::Headers::iter): names are in small letters |
//! | `LookupDict`, `codes.not_found` | `http::StatusCode::NOT_FOUND` |
//! | `HOOKS`, `default_hooks` | the one event `response`: [`policy::merge::RESPONSE`](crate::policy::merge::RESPONSE) |
//! | `dispatch_hook` | [`Output::Respond`](crate::Output::Respond) |
//!
//! # `requests.utils`, `requests.cookies`
//!
//! | Python | Rust |
//! |---|---|
//! | `DEFAULT_ACCEPT_ENCODING` | the field of [`shared::default_headers`](crate::shared::default_headers): the codings that are compiled in |
//! | `NETRC_FILES` | [`environment::netrc::locations`](crate::environment::netrc::locations) |
//! | `address_in_network` | [`url::host::address_in_network`](crate::url::host::address_in_network) |
//! | `check_header_validity` | [`headers::name`](crate::headers::name), [`headers::value`](crate::headers::value) |
//! | `default_headers` | [`shared::default_headers`](crate::shared::default_headers) |
//! | `default_user_agent` | [`shared::DEFAULT_USER_AGENT`](crate::shared::DEFAULT_USER_AGENT) |
//! | `dotted_netmask` | [`url::host::dotted_netmask`](crate::url::host::dotted_netmask) |
//! | `get_auth_from_url` | [`url::get_auth_from_url`](crate::url::get_auth_from_url) |
//! | `get_encoding_from_headers` | [`wire::charset::encoding_from_content_type`](crate::wire::charset::encoding_from_content_type) |
//! | `get_environ_proxies` | [`policy::proxies::get_environ_proxies`](crate::policy::proxies::get_environ_proxies) |
//! | `get_netrc_auth` | [`environment::netrc::lookup`](crate::environment::netrc::lookup) |
//! | `get_unicode_from_response` | [`wire::charset::text`](crate::wire::charset::text()) |
//! | `guess_filename` | [`wire::multipart::guess_filename`](crate::wire::multipart::guess_filename) |
//! | `guess_json_utf` | [`wire::json::guess_json_utf`](crate::wire::json::guess_json_utf) |
//! | `is_ipv4_address` | [`url::host::is_ipv4_address`](crate::url::host::is_ipv4_address) |
//! | `is_valid_cidr` | [`url::host::is_valid_cidr`](crate::url::host::is_valid_cidr) |
//! | `iter_slices` | [`wire::pieces::Pieces`](crate::wire::pieces::Pieces) |
//! | `parse_dict_header` | [`headers::dict::parse_dict_header`](crate::headers::dict::parse_dict_header) |
//! | `parse_header_links` | [`headers::links::parse_header_links`](crate::headers::links::parse_header_links) |
//! | `parse_list_header` | [`headers::dict::parse_list_header`](crate::headers::dict::parse_list_header) |
//! | `_parse_content_type_header` | [`headers::content_type::parse_content_type`](crate::headers::content_type::parse_content_type) |
//! | `prepend_scheme_if_needed` | [`url::prepend_scheme_if_needed`](crate::url::prepend_scheme_if_needed) |
//! | `requote_uri` | [`url::requote_uri`](crate::url::requote_uri) |
//! | `resolve_proxies` | [`policy::proxies::resolve_proxies`](crate::policy::proxies::resolve_proxies) |
//! | `rewind_body` | [`Output::Rewind`](crate::Output::Rewind) |
//! | `select_proxy` | [`policy::proxies::select_proxy`](crate::policy::proxies::select_proxy) |
//! | `should_bypass_proxies` | [`policy::bypass::should_bypass_proxies`](crate::policy::bypass::should_bypass_proxies) |
//! | `stream_decode_response_unicode` | [`wire::charset::TextDecoder`](crate::wire::charset::TextDecoder) |
//! | `super_len` | [`Body::len`](crate::Body::len); of a file, the runtime's |
//! | `unquote_header_value` | [`headers::dict::unquote_header_value`](crate::headers::dict::unquote_header_value) |
//! | `unquote_unreserved` | [`url::unquote_unreserved`](crate::url::unquote_unreserved) |
//! | `urldefragauth` | [`url::urldefragauth`](crate::url::urldefragauth) |
//! | `CaseInsensitiveDict` | [`Headers`](crate::Headers) |
//! | `cookiejar_from_dict`, `add_dict_to_cookiejar` | [`Jar::from_pairs`](crate::Jar::from_pairs) |
//! | `create_cookie` | [`Cookie::new`](crate::Cookie::new) |
//! | `dict_from_cookiejar` | [`Jar::get_dict`](crate::Jar::get_dict) |
//! | `extract_cookies_to_jar` | [`Jar::extract`](crate::Jar::extract) |
//! | `get_cookie_header` | [`Jar::header`](crate::Jar::header) |
//! | `morsel_to_cookie` | [`cookies::accept`](crate::cookies::accept()) |
//! | `merge_cookies` | [`Jar::update`](crate::Jar::update), [`Jar::add_missing`](crate::Jar::add_missing) |
//! | `MozillaCookieJar.load`, `save` | [`Jar::from_netscape`](crate::Jar::from_netscape), [`Jar::to_netscape`](crate::Jar::to_netscape) |
//! | `remove_cookie_by_name` | [`Jar::remove_in`](crate::Jar::remove_in) |
//! | `HTTPBasicAuth` | [`Auth::basic`](crate::Auth::basic) |
//! | `HTTPProxyAuth` | [`Auth::proxy_basic`](crate::Auth::proxy_basic) |
//! | `HTTPDigestAuth` | [`Auth::digest`](crate::Auth::digest), [`DigestAuth`](crate::policy::digest::DigestAuth) |
//! | `AuthBase` | [`Auth::Custom`](crate::Auth::Custom): a value of the runtime's |
//! | `_basic_auth_str` | [`policy::credentials::basic_auth_str`](crate::policy::credentials::basic_auth_str) |
//!
//! Left out, since they are about Python's own types and files: `atomic_open`, `dict_to_sequence`,
//! `extract_zipped_paths`, `from_key_val_list`, `set_environ`, `to_key_val_list`,
//! `to_native_string`, `unicode_is_ascii` and the warnings; and `get_encodings_from_content`, which
//! requests deprecates.
