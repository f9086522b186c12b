//! The retries of an adapter, written down: what it allows, not what became of a call.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use http::Method;
use serde::{Deserialize, Serialize};

use crate::policy::backoff::Backoff;
use crate::policy::retry::{Count, Methods, OnStatus, Respect, Retry};

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct SavedRetry {
    total: SavedCount,
    connect: SavedCount,
    read: SavedCount,
    redirect: SavedCount,
    status: SavedCount,
    other: SavedCount,
    /// `None`: all of them.
    allowed_methods: Option<Vec<String>>,
    status_forcelist: Vec<u16>,
    backoff_factor: Duration,
    backoff_max: Duration,
    backoff_jitter: Duration,
    retry_after_max: Duration,
    raise_on_status: bool,
    respect_retry_after: bool,
}

#[derive(Clone, Serialize, Deserialize)]
enum SavedCount {
    Unlimited,
    Off,
    Left(u32),
}

impl Default for SavedRetry {
    fn default() -> Self {
        Self::of(&Retry::none())
    }
}

impl SavedRetry {
    pub(super) fn of(retry: &Retry) -> Self {
        Self {
            total: SavedCount::of(retry.total),
            connect: SavedCount::of(retry.connect),
            read: SavedCount::of(retry.read),
            redirect: SavedCount::of(retry.redirect),
            status: SavedCount::of(retry.status),
            other: SavedCount::of(retry.other),
            allowed_methods: match &retry.allowed_methods {
                Methods::Any => None,
                Methods::Only(methods) => {
                    Some(methods.iter().map(|method| method.as_str().into()).collect())
                }
            },
            status_forcelist: retry.status_forcelist.clone(),
            backoff_factor: retry.backoff.factor,
            backoff_max: retry.backoff.max,
            backoff_jitter: retry.backoff.jitter,
            retry_after_max: retry.retry_after_max,
            raise_on_status: retry.raise_on_status == OnStatus::Raise,
            respect_retry_after: retry.respect == Respect::RetryAfter,
        }
    }

    /// The retries; `None` if a method is none.
    pub(super) fn into_retry(self) -> Option<Retry> {
        let method = |name: String| Method::from_bytes(name.as_bytes()).ok();
        Some(Retry {
            total: self.total.into_count(),
            connect: self.connect.into_count(),
            read: self.read.into_count(),
            redirect: self.redirect.into_count(),
            status: self.status.into_count(),
            other: self.other.into_count(),
            allowed_methods: match self.allowed_methods {
                None => Methods::Any,
                Some(names) => Methods::Only(names.into_iter().map(method).collect::<Option<_>>()?),
            },
            status_forcelist: self.status_forcelist,
            backoff: Backoff {
                factor: self.backoff_factor,
                max: self.backoff_max,
                jitter: self.backoff_jitter,
            },
            retry_after_max: self.retry_after_max,
            raise_on_status: if self.raise_on_status { OnStatus::Raise } else { OnStatus::Return },
            respect: if self.respect_retry_after { Respect::RetryAfter } else { Respect::Nothing },
            history: Vec::new(),
        })
    }
}

impl SavedCount {
    const fn of(count: Count) -> Self {
        match count {
            Count::Unlimited => Self::Unlimited,
            Count::Off => Self::Off,
            Count::Left(left) => Self::Left(left),
        }
    }

    const fn into_count(self) -> Count {
        match self {
            Self::Unlimited => Count::Unlimited,
            Self::Off => Count::Off,
            Self::Left(left) => Count::Left(left),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_comes_back_as_it_was() {
        let retry = Retry {
            total: Count::Left(7),
            connect: Count::Off,
            read: Count::Left(2),
            redirect: Count::Left(3),
            status: Count::Unlimited,
            other: Count::Left(0),
            allowed_methods: Methods::Only(Vec::from([Method::POST])),
            status_forcelist: Vec::from([500, 599]),
            backoff: Backoff {
                factor: Duration::from_millis(250),
                max: Duration::from_secs(9),
                jitter: Duration::from_millis(1),
            },
            retry_after_max: Duration::from_secs(60),
            raise_on_status: OnStatus::Return,
            respect: Respect::Nothing,
            history: Vec::new(),
        };
        let any = Retry { allowed_methods: Methods::Any, ..Retry::default() };
        for retry in [retry, any, Retry::none()] {
            let text = serde_json::to_string(&SavedRetry::of(&retry)).unwrap();
            let saved: SavedRetry = serde_json::from_str(&text).unwrap();
            assert_eq!(saved.into_retry(), Some(retry), "{text}");
        }
    }

    #[test]
    fn a_method_that_is_none_is_refused() {
        let saved = SavedRetry {
            allowed_methods: Some(Vec::from(["a b".into()])),
            ..SavedRetry::default()
        };
        assert_eq!(saved.into_retry(), None);
    }
}
