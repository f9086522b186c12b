//! A scene in a few lines: servers with what they answer, calls on one session, and what each server
//! was sent. It is a vector of the format without expectations, run on the simulated driver.

use serde_json::{Value, json};
use sessio_conformance::sim::{self, Cuts, Faults};
use url::Url;

/// A response with a body of two bytes.
pub(crate) const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Servers and calls, as a vector.
pub(crate) struct Scene {
    vector: Value,
    names: Vec<String>,
}

/// What came of a scene.
pub(crate) struct Seen {
    names: Vec<String>,
    pub(crate) observed: Value,
}

/// A session that trusts the project's own test authority, and nobody to talk to yet.
pub(crate) fn scene() -> Scene {
    let session = json!({"verify": "@certs/ca.pem"});
    let vector =
        json!({"id": "scene", "area": "catalogue", "session": session, "calls": [], "servers": []});
    Scene { vector, names: Vec::new() }
}

/// A redirect with a status.
pub(crate) fn moved(status: u16, to: &str) -> String {
    format!("HTTP/1.1 {status} Moved\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n")
}

/// A 302.
pub(crate) fn to(url: &str) -> String {
    moved(302, url)
}

/// A GET with these arguments.
pub(crate) fn get(url: &str, arguments: Value) -> Value {
    let mut call = arguments;
    if call.is_null() {
        call = json!({});
    }
    call["url"] = url.into();
    if call["method"].is_null() {
        call["method"] = "GET".into();
    }
    call
}

impl Scene {
    /// A server at an origin, over TLS if the scheme says so, with its replies: text, or an object
    /// of the format.
    pub(crate) fn server<R: Into<Value>>(
        self,
        origin: &str,
        replies: impl IntoIterator<Item = R>,
    ) -> Self {
        self.peer(origin, "good", "origin", replies)
    }

    /// An HTTP proxy.
    pub(crate) fn proxy<R: Into<Value>>(
        self,
        origin: &str,
        replies: impl IntoIterator<Item = R>,
    ) -> Self {
        self.peer(origin, "good", "http-proxy", replies)
    }

    /// A server with a certificate and a kind of its own.
    pub(crate) fn peer<R: Into<Value>>(
        mut self,
        origin: &str,
        certificate: &str,
        kind: &str,
        replies: impl IntoIterator<Item = R>,
    ) -> Self {
        let url = Url::parse(origin).expect("an origin");
        let replies = replies.into_iter().map(Into::into).map(|reply| match reply {
            Value::String(send) => json!({"send": send}),
            reply => reply,
        });
        let tls = match url.scheme() {
            "https" => json!({"cert": certificate, "client_auth": "optional"}),
            _ => Value::Null,
        };
        let server = json!({
            "host": url.host_str().expect("a host").trim_matches(['[', ']']),
            "port": url.port_or_known_default(),
            "kind": kind,
            "tls": tls,
            "replies": replies.collect::<Vec<_>>(),
        });
        self.vector["servers"].as_array_mut().expect("a list").push(server);
        self.names.push(origin.split_once("://").expect("a scheme").1.to_owned());
        self
    }

    /// One more call, or an operation.
    pub(crate) fn call(mut self, call: Value) -> Self {
        self.vector["calls"].as_array_mut().expect("a list").push(call);
        self
    }

    /// One more GET.
    pub(crate) fn get(self, url: &str) -> Self {
        self.call(get(url, Value::Null))
    }

    /// What the session says.
    pub(crate) fn session(mut self, member: &str, value: Value) -> Self {
        self.vector["session"][member] = value;
        self
    }

    /// The netrc file.
    pub(crate) fn netrc(self, text: &str) -> Self {
        self.with("files", json!({".netrc": text}))
    }

    /// A member of the vector.
    pub(crate) fn with(mut self, member: &str, value: Value) -> Self {
        self.vector[member] = value;
        self
    }

    /// Acts it out.
    pub(crate) fn run(self) -> Seen {
        let ran = sim::run(&self.vector, Cuts::Nowhere, Faults::default());
        Seen { names: self.names, observed: ran.expect("a vector of the format").observed }
    }
}

impl Seen {
    /// All that servers were sent, in order of arrival.
    pub(crate) fn wire(&self) -> &[Value] {
        self.observed["wire"].as_array().expect("a wire")
    }

    /// Who was sent which request, as in `a.test GET /`.
    pub(crate) fn lines(&self) -> Vec<String> {
        let line = |entry: &Value| {
            let server = entry["server"].as_u64().and_then(|at| usize::try_from(at).ok());
            let line = entry["request_line"].as_str().unwrap_or("(no request)");
            let line = line.trim_end_matches(" HTTP/1.1");
            format!("{} {line}", self.names[server.expect("the number of a server")])
        };
        self.wire().iter().map(line).collect()
    }

    /// The values of a field in each request; `-` where it is missing.
    pub(crate) fn each(&self, name: &str) -> Vec<String> {
        let values = |entry: &Value| {
            let fields = entry["headers"].as_array().into_iter().flatten();
            let named = fields.filter(|field| field[0] == name).filter_map(|f| f[1].as_str());
            let values: Vec<&str> = named.collect();
            if values.is_empty() { "-".to_owned() } else { values.join(" + ") }
        };
        self.wire().iter().map(values).collect()
    }

    /// The connections on which requests came, as in `a.test#0`.
    pub(crate) fn connections(&self) -> Vec<String> {
        let names = self.lines();
        let number = |(entry, line): (&Value, String)| {
            let name = line.split(' ').next().expect("a first word").to_owned();
            format!("{name}#{}", entry["conn"])
        };
        self.wire().iter().zip(names).map(number).collect()
    }

    /// The status of a call, or the kind of its error.
    pub(crate) fn outcome(&self, call: usize) -> String {
        let call = &self.observed["calls"][call];
        match call["error"]["kind"].as_str() {
            Some(kind) => kind.to_owned(),
            None => call["status"].to_string(),
        }
    }

    /// The content of a call.
    pub(crate) fn body(&self, call: usize) -> &str {
        self.observed["calls"][call]["body"].as_str().unwrap_or_default()
    }

    /// The message of a call's error.
    pub(crate) fn message(&self, call: usize) -> String {
        self.observed["calls"][call]["error"]["message"].as_str().unwrap_or_default().to_owned()
    }

    /// Everything that was sent to anybody, as one text.
    pub(crate) fn sent(&self) -> String {
        self.observed["wire"].to_string()
    }
}
