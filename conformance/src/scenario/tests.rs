//! Vectors become values without loss, and what is not of the format is refused.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::*;
use crate::vectors::Suite;

fn step(call: Value) -> Result<Step, Malformed> {
    Scenario::parse(&json!({"calls": [call]})).map(|mut scenario| scenario.steps.remove(0))
}

fn call(extra: &Value) -> Call {
    let mut call = json!({"method": "GET", "url": "http://a.test/"});
    call.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    match step(call).unwrap() {
        Step::Call(call) => *call,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_vector_of_the_project_is_understood() {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let suite = Suite::load(&[vectors]).unwrap();
    for vector in &suite.exchanges {
        let parsed = Scenario::parse(&vector.vector);
        let calls = vector.vector["calls"].as_array().unwrap().len();
        let steps = parsed.unwrap_or_else(|e| panic!("{}: {e}", vector.id)).steps.len();
        assert_eq!(steps, calls, "{}", vector.id);
        let world = crate::peer::World::new(&vector.vector, crate::peer::Defaults::default());
        assert!(world.is_ok(), "{}: {world:?}", vector.id);
    }
    assert!(suite.exchanges.len() > 800);
}

#[test]
fn an_argument_left_out_is_not_the_same_as_none() {
    assert_eq!(call(&json!({})).options.verify, Given::Absent);
    assert_eq!(call(&json!({"verify": null})).options.verify, Given::Null);
    let bundle = VerifySpec::Bundle("@certs/ca.pem".to_owned());
    assert_eq!(call(&json!({"verify": "@certs/ca.pem"})).options.verify, Given::Value(bundle));
}

#[test]
fn timeouts_have_one_two_or_no_usable_limits() {
    let rows = [
        (json!(5), TimeoutSpec::Both(5.0)),
        (json!([null, 0.5]), TimeoutSpec::Pair { connect: None, read: Some(0.5) }),
        (json!([1, 2, 3]), TimeoutSpec::Unusable(json!([1, 2, 3]))),
        (json!("soon"), TimeoutSpec::Unusable(json!("soon"))),
    ];
    for (timeout, wanted) in rows {
        let parsed = call(&json!({"timeout": timeout})).options.timeout;
        assert_eq!(parsed, Given::Value(wanted), "{timeout}");
    }
}

#[test]
fn bodies_keep_their_form() {
    let text = |text: &str| Text::Str(text.to_owned());
    let pair = || vec![(text("a"), Field::One(Scalar::Text(text("b"))))];
    let rows = [
        (json!("x"), BodySpec::Plain(FieldsSpec::Text(text("x")))),
        (json!({"bytes": "x"}), BodySpec::Plain(FieldsSpec::Text(Text::Bytes(b"x".to_vec())))),
        (json!([["a", "b"]]), BodySpec::Plain(FieldsSpec::Mapping(pair()))),
        (json!({"list": [["a", "b"]]}), BodySpec::Plain(FieldsSpec::List(pair()))),
        (
            json!({"generator": ["a", {"raise": "m"}]}),
            BodySpec::Generator(vec![Item::Piece(text("a")), Item::Fails("m".to_owned())]),
        ),
        (json!({"iterable": []}), BodySpec::Iterable(Vec::new())),
        (json!({"text_filelike": "x"}), BodySpec::TextFile("x".to_owned())),
    ];
    for (data, wanted) in rows {
        assert_eq!(call(&json!({"data": data})).request.data, Given::Value(wanted), "{data}");
    }
}

#[test]
fn abilities_of_file_objects_are_told_apart() {
    let file = json!({"content": "abcd", "pos": 1, "seek": "fails", "tell": false, "len": 9});
    let wanted = Filelike {
        content: b"abcd".to_vec(),
        position: 1,
        seek: Ability::Fails,
        tell: Ability::Missing,
        length: Some(9),
        name: None,
    };
    let parsed = call(&json!({"data": {"filelike": file}})).request.data;
    assert_eq!(parsed, Given::Value(BodySpec::File(wanted)));
}

#[test]
fn retries_have_the_defaults_of_urllib3() {
    let none = RetrySpec::of(Count::At(0), Count::Off);
    assert_eq!(RetrySpec::parse(&Value::Null), Ok(none.clone()));
    assert_eq!(RetrySpec::parse(&json!(0)), Ok(none));
    assert_eq!(RetrySpec::parse(&json!(3)), Ok(RetrySpec::of(Count::At(3), Count::Unlimited)));
    let parsed = RetrySpec::parse(&json!({"read": false, "allowed_methods": null})).unwrap();
    assert_eq!((parsed.total, parsed.read), (Count::At(10), Count::Off));
    assert_eq!(parsed.allowed_methods, Methods::Any);
}

#[test]
fn places_are_put_into_paths() {
    let places = Places { files: PathBuf::from("/t/f"), certificates: PathBuf::from("/t/c") };
    let rows = [
        ("@files", "/t/f"),
        ("@files/.netrc", "/t/f/.netrc"),
        ("@certs/ca.pem", "/t/c/ca.pem"),
        ("@certsx", "@certsx"),
        ("/etc/x", "/etc/x"),
    ];
    for (text, wanted) in rows {
        assert_eq!(places.resolve(text), wanted, "{text}");
    }
    let scenario = json!({
        "env": {"NETRC": "@files/n"},
        "session": {"verify": "@certs/ca.pem", "cert": ["@files/c", "k"]},
        "calls": [
            {"op": "set", "attr": "verify", "value": "@files/v"},
            {"op": "setenv", "name": "CURL_CA_BUNDLE", "value": "@certs"},
            {"op": "send_next", "of": 0, "verify": true, "cert": "@certs/client.pem"},
        ],
    });
    let mut scenario = Scenario::parse(&scenario).unwrap();
    scenario.put_in(&places);
    let given = (&scenario.session.verify, &scenario.session.cert);
    let bundle = |path: &str| VerifySpec::Bundle(path.to_owned());
    let pair = CertSpec::Pair("/t/f/c".to_owned(), "k".to_owned());
    assert_eq!(given, (&Given::Value(bundle("/t/c/ca.pem")), &Given::Value(pair)));
    let steps = [
        Operation::Set(Setting::Verify(Some(bundle("/t/f/v")))),
        Operation::SetEnvironment("CURL_CA_BUNDLE".to_owned(), Some("/t/c".to_owned())),
    ];
    assert_eq!(scenario.steps[..2], steps.map(Step::Operation));
    let Step::SendNext { options, .. } = &scenario.steps[2] else { panic!("it is one") };
    assert_eq!(options.verify, Given::Value(VerifySpec::On));
    let one = CertSpec::One("/t/c/client.pem".to_owned());
    assert_eq!(options.cert, Given::Value(one));
    let environment = scenario.environment(&places);
    assert_eq!((environment["HOME"].as_str(), environment["NETRC"].as_str()), ("/t/f", "/t/f/n"));
}

#[test]
fn what_is_not_of_the_format_is_refused() {
    let request = |member: &str, value: Value| {
        let mut call = json!({"method": "GET", "url": "u"});
        call[member] = value;
        call
    };
    let rows = [
        json!({"op": "dance"}),
        json!({"op": 1}),
        json!({"op": "send_next"}),
        json!({"op": "set", "attr": "colour", "value": 1}),
        json!({"url": "u"}),
        request("auth", json!({"kerberos": 1})),
        request("hooks", json!({"response": ["shout"]})),
        request("read", json!([{"sing": true}])),
        request("via", json!("pigeon")),
        request("data", json!({"b64": "?"})),
        request("cert", json!(["a"])),
    ];
    for row in rows {
        assert!(step(row.clone()).is_err(), "{row}");
    }
}
