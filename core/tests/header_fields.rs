//! Header fields as a caller handles them.
#![expect(clippy::unwrap_used, reason = "fields of tests are fields")]

use http::{HeaderMap, HeaderValue};
use sessio_core::Headers;
use sessio_core::headers::HeaderError;

fn fields(rows: &[(&str, &str)]) -> Headers {
    let mut headers = Headers::with_capacity(rows.len());
    for (name, value) in rows {
        headers.append(name.parse().unwrap(), HeaderValue::from_str(value).unwrap());
    }
    headers
}

#[test]
fn fields_keep_their_order_and_names_have_no_case() {
    let mut headers = fields(&[("b", "1"), ("a", "2"), ("B", "3")]);
    assert_eq!((headers.len(), headers.is_empty()), (3, false));
    assert_eq!(headers.get_all("B").collect::<Vec<_>>(), ["1", "3"]);
    assert_eq!(headers.get_joined("b").unwrap(), b"1, 3");
    assert_eq!(headers.get_joined("c"), None);
    headers.retain(|name, value| name != "a" && value != "3");
    assert_eq!(headers, fields(&[("b", "1")]));
    headers.clear();
    assert!(headers.is_empty() && !headers.contains("b"));
}

#[test]
fn a_map_of_fields_becomes_the_same_fields_and_back() {
    let headers = fields(&[("set-cookie", "1"), ("set-cookie", "2"), ("x", "3")]);
    let map = headers.to_map();
    let values: Vec<&HeaderValue> = map.get_all("set-cookie").iter().collect();
    assert_eq!(values, ["1", "2"]);
    let again = Headers::from(&map);
    assert_eq!(again.len(), 3);
    assert_eq!(again.get_all("set-cookie").collect::<Vec<_>>(), ["1", "2"]);
    assert!(Headers::from(&HeaderMap::new()).is_empty());
}

#[test]
fn a_secret_value_is_never_shown() {
    let mut headers = Headers::new();
    headers.try_set_secret("x-key", "S3CRET").unwrap();
    headers.try_set("x-plain", "seen").unwrap();
    headers.try_set("authorization", "S3CRET").unwrap();
    assert!(headers.get("X-Key").unwrap().is_sensitive());
    assert_eq!(headers.get_str("x-key"), Some("S3CRET"));
    let shown = format!("{headers:?}");
    assert!(shown.contains("seen") && shown.contains("x-key"), "{shown}");
    assert!(!shown.contains("S3CRET"), "{shown}");
    let error = headers.try_set_secret("x-key", "S3CRET\n").unwrap_err();
    assert_eq!(error, HeaderError::Value("x-key".into()));
    assert!(!format!("{error} {error:?}").contains("S3CRET"));
    let error = headers.try_set_secret("x key", "S3CRET").unwrap_err();
    assert_eq!(error, HeaderError::Name("x key".into()));
    assert_eq!(headers.get_str("x-key"), Some("S3CRET"), "an error changes nothing");
}
