//! The driver ends whatever happens, and says what it was.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::json;

use super::*;
use crate::loopback::LoopbackWorld;
use crate::peer::{Certificates, World};
use crate::real::watched;
use std::time::Duration;

fn run(vector: &Value, run_max: Duration) -> Result<Value, Malformed> {
    real::run(vector, run_max, StdClient::new)
}

fn called(server: Value) -> Value {
    let mut server = server;
    server["host"] = json!("a.test");
    server["port"] = json!(80);
    json!({"calls": [{"method": "GET", "url": "http://a.test/"}], "servers": [server]})
}

#[test]
fn a_vector_that_hangs_fails() {
    let vector = called(json!({"replies": [{"hang": true}]}));
    let limit = Duration::from_millis(300);
    let ended = catch_unwind(AssertUnwindSafe(|| run(&vector, limit)));
    let why = ended.unwrap_err().downcast::<String>().unwrap();
    assert!(why.contains("hangs") && why.contains("GET / HTTP/1.1"), "{why}");
}

#[test]
fn a_panic_of_the_vector_is_that_of_the_driver() {
    let world = World::new(&called(json!({"replies": []})), crate::sim::defaults()).unwrap();
    let world = LoopbackWorld::start(world, Certificates::shared()).unwrap();
    let ended = catch_unwind(AssertUnwindSafe(|| watched(&world, RUN_MAX, || panic!("mine"))));
    assert_eq!(ended.unwrap_err().downcast_ref(), Some(&"mine"));
}

#[test]
fn plain_text_towards_tls_breaks_off() {
    let vector = called(json!({"tls": "good", "replies": []}));
    let observed = run(&vector, RUN_MAX).unwrap();
    assert_eq!(observed["calls"][0]["error"]["kind"], "ConnectionError", "{observed}");
}

#[test]
fn hosts_that_are_addresses_lead_to_the_servers_too() {
    let reply = json!([{"send": "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}]);
    for (host, url) in [("10.1.2.3", "http://10.1.2.3:81/"), ("fd00::1", "http://[fd00::1]:81/")] {
        let observed = run(
            &json!({
                "calls": [{"method": "GET", "url": url}, {"method": "GET", "url": "http://10.9.9.9/"}],
                "servers": [{"host": host, "port": 81, "replies": reply}],
            }),
            RUN_MAX,
        );
        let observed = observed.unwrap();
        assert_eq!(observed["calls"][0]["status"], 200, "{observed}");
        let dials = json!([[host, 81, "ok"], ["10.9.9.9", 80, "refused"]]);
        assert_eq!(observed["dials"], dials);
    }
}
