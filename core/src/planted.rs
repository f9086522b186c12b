//! Bugs that can be switched on: for the tests of the tests only.
//!
//! Each is a bug that a client of this kind has had, by the rows of SECURITY.md, or one that nothing
//! but a test keeps away. With the feature `planted` one of them at a time can be on in a process,
//! and the command `plant` of the conformance runner says which test finds it. Without the feature
//! [`Plant::is_on`] is a constant, and nothing of this is left in the code.

/// Declares the plants: what each does, its name on the command line, the rows of the catalogue.
macro_rules! plants {
    ($($(#[doc = $about:literal])* $plant:ident $name:literal $rows:expr,)+) => {
        /// A bug.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[cfg_attr(not(feature = "planted"), allow(dead_code, unreachable_pub))]
        pub enum Plant {
            $($(#[doc = $about])* $plant,)+
        }

        #[cfg(feature = "planted")]
        impl Plant {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$plant,)+];

            /// Its name on the command line.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$plant => $name,)+ }
            }

            /// What it does, in a sentence.
            #[must_use]
            pub fn about(self) -> &'static str {
                match self { $(Self::$plant => concat!($($about,)*).trim_ascii(),)+ }
            }

            /// The rows of the catalogue whose class it is of.
            #[must_use]
            pub const fn rows(self) -> &'static [u16] {
                match self { $(Self::$plant => &$rows,)+ }
            }
        }
    };
}

#[cfg(not(feature = "planted"))]
impl Plant {
    /// Whether it is planted: never.
    #[inline(always)]
    pub(crate) const fn is_on(self) -> bool {
        false
    }

    /// Whether it is planted and it is its turn: never.
    #[inline(always)]
    pub(crate) const fn takes_turns(self) -> bool {
        false
    }
}

/// The number of the plant that is on, from 1; 0 is none.
#[cfg(feature = "planted")]
static ON: core::sync::atomic::AtomicUsize = core::sync::atomic::AtomicUsize::new(0);

/// Turns that were taken in this process.
#[cfg(feature = "planted")]
static TURNS: core::sync::atomic::AtomicUsize = core::sync::atomic::AtomicUsize::new(0);

/// Plants a bug in all of this process, or none.
#[cfg(feature = "planted")]
pub fn plant(plant: Option<Plant>) {
    let number = plant.map_or(0, |plant| (plant as usize).saturating_add(1));
    ON.store(number, core::sync::atomic::Ordering::Relaxed);
}

#[cfg(feature = "planted")]
impl Plant {
    /// Whether it is planted.
    pub(crate) fn is_on(self) -> bool {
        ON.load(core::sync::atomic::Ordering::Relaxed) == (self as usize).saturating_add(1)
    }

    /// Whether it is planted and it is its turn: every other time that it is asked, so that a run
    /// depends on those before it.
    pub(crate) fn takes_turns(self) -> bool {
        self.is_on() && TURNS.fetch_add(1, core::sync::atomic::Ordering::Relaxed) & 1 == 0
    }
}

plants! {
    // Redirects and credentials.
    /// An `Authorization` that the caller wrote by hand is not on the strip list.
    StripListCaseSensitive "strip-list-case-sensitive" [1, 10],
    /// Authorization goes along to every host.
    AuthorizationKept "authorization-kept" [9, 26],
    /// Another port is no other origin.
    PortNotCompared "port-not-compared" [2, 3, 25],
    /// Another scheme is no other origin.
    SchemeNotCompared "scheme-not-compared" [23],
    /// Authorization goes along from https to http of the same host.
    DowngradeKeepsAuthorization "downgrade-keeps-authorization" [4, 16],
    /// A host whose name ends with the old one's is the same host.
    SubdomainIsSameHost "subdomain-is-same-host" [20],
    /// What was dropped on one hop is there again on the next.
    DroppedComesBack "dropped-comes-back" [21],
    /// The `Cookie` field goes along as it was.
    CookieFieldKept "cookie-field-kept" [11, 15, 18, 24],
    /// A field marked sensitive goes along to other origins.
    SensitiveFieldKept "sensitive-field-kept" [37],
    /// A `Host` of the caller's own goes along to other origins.
    HostOverrideKept "host-override-kept" [50],
    /// `Proxy-Authorization` goes along with redirects and out to origins.
    ProxyAuthorizationKept "proxy-authorization-kept" [6, 12, 17, 19, 22],
    /// What netrc says for one host is sent to the next.
    NetrcSentOn "netrc-sent-on" [5, 28],
    /// A netrc entry without a password gets that of another entry.
    NetrcMixesEntries "netrc-mixes-entries" [29, 30],
    /// The user in the URL does not choose among netrc entries.
    NetrcIgnoresUser "netrc-ignores-user" [83],
    /// netrc is asked for what stands before the `@`.
    NetrcHostFromUserinfo "netrc-host-from-userinfo" [82],
    /// Cookies of one call go along to every host.
    CallCookiesEverywhere "call-cookies-everywhere" [8],
    /// Cookies are filed under the host that the call began with.
    CookiesUnderFirstHost "cookies-under-first-host" [8],
    /// The body stays when a redirect turns the request into GET.
    BodyKeptAsGet "body-kept-as-get" [14],
    /// `Content-Type` stays when the body goes.
    ContentTypeKept "content-type-kept" [14],
    /// 303 keeps the method.
    MethodKept "method-kept" [14],
    /// One redirect more than allowed is followed.
    RedirectsOneMore "redirects-one-more" [138],
    /// The last redirect that is allowed is refused.
    RedirectsOneLess "redirects-one-less" [138],
    /// Redirects are followed where the caller said not to.
    RedirectsDespiteOff "redirects-despite-off" [40],
    /// A redirect to no valid URL is taken for the answer.
    BadLocationIgnored "bad-location-ignored" [20, 86, 89],
    /// A redirect may lead to any scheme.
    AnySchemeFollowed "any-scheme-followed" [27, 39, 132],
    /// The client certificate of the call is shown to every redirect target.
    ClientCertificateEverywhere "client-certificate-everywhere" [26],
    // The pool.
    /// The pool does not tell checked connections from unchecked ones.
    VerifyNotInKey "verify-not-in-key" [55],
    /// The pool does not tell client certificates from each other.
    IdentityNotInKey "identity-not-in-key" [52, 53],
    /// The pool does not tell proxies from each other.
    ProxyNotInKey "proxy-not-in-key" [46],
    /// The pool does not tell users of a proxy from each other.
    ProxyLoginNotInKey "proxy-login-not-in-key" [45],
    /// The pool does not tell http from https.
    SchemeNotInKey "scheme-not-in-key" [54],
    /// The pool does not tell ports from each other.
    PortNotInKey "port-not-in-key" [51],
    /// The pool compares hosts by their last five bytes.
    HostNotInKey "host-not-in-key" [51],
    /// The pool does not tell adapters from each other.
    AdapterNotInKey "adapter-not-in-key" [52],
    /// Bytes behind a response do not end its connection.
    SurplusKept "surplus-kept" [61],
    /// An idle connection is used without a look at it.
    NoProbe "no-probe" [59, 60],
    /// `Connection: close` of a response is not honoured.
    CloseIgnored "close-ignored" [59],
    /// HTTP/1.0 is kept alive without being asked to.
    Http10Kept "http10-kept" [59],
    /// A response with both framings may be followed by another.
    BothFramingsKept "both-framings-kept" [116],
    /// A connection with an unread body goes back to the pool.
    UnreadKept "unread-kept" [63],
    /// A connection with half a request on it goes back to the pool.
    UploadUnfinishedKept "upload-unfinished-kept" [62],
    /// Idle connections never grow too old.
    IdleForever "idle-forever" [60],
    /// One idle connection more than `pool_maxsize` is kept.
    PoolSizeOneMore "pool-size-one-more" [100],
    /// One connection more than `connections_max` is opened.
    PlacesOneMore "places-one-more" [100],
    /// One connection more than the limit for a route is opened.
    PlacesOfRouteOneMore "places-of-route-one-more" [100],
    /// A place under the limits is not given back.
    PlaceLeaked "place-leaked" [63],
    /// Who waits for a place does not look again.
    WaiterForgotten "waiter-forgotten" [63],
    /// Which idle connection is used depends on what this process did before.
    PoolByChance "pool-by-chance" [60],
    // What goes out, and how often.
    /// A request that is not idempotent is sent again on a fresh connection.
    PostSentAgain "post-sent-again" [62],
    /// A body that was begun is not set back before it is sent again.
    UploadNotRewound "upload-not-rewound" [40],
    /// The last chunk of an upload is left out.
    UploadEndLost "upload-end-lost" [74],
    /// An upload that is longer than was said goes out.
    UploadTooLongSent "upload-too-long-sent" [74],
    /// An upload that is shorter than was said passes for whole.
    UploadTooShortSent "upload-too-short-sent" [74],
    /// `Content-Length` goes out twice.
    LengthTwice "length-twice" [73],
    /// A line break in a value is removed instead of refused.
    LineBreakReplaced "line-break-replaced" [68, 70, 71],
    /// A method is cut at what is no token instead of refused.
    MethodCut "method-cut" [67],
    /// A control character in a cookie is not refused.
    CookieUnchecked "cookie-unchecked" [78],
    /// Escapes in the request target are decoded on the way out.
    TargetDecoded "target-decoded" [64, 65, 66],
    /// Line breaks in the name of a form part go out.
    PartNameRaw "part-name-raw" [75],
    /// Each form has the same boundary.
    BoundaryFixed "boundary-fixed" [75],
    /// `Host` is that of the URL that the call began with.
    HostOfFirstUrl "host-of-first-url" [35, 70],
    /// `Host` holds user and password.
    UserinfoInHost "userinfo-in-host" [33],
    /// A backslash in a Location is no slash.
    BackslashKept "backslash-kept" [85],
    /// Only the first address of a name is tried.
    SecondAddressUnused "second-address-unused" [138],
    // Cookies.
    /// A domain covers names that end with it, without a dot between.
    CookieSuffixWithoutDot "cookie-suffix-without-dot" [95],
    /// Secure cookies go out over http.
    SecureInClear "secure-in-clear" [102],
    /// Secure cookies are taken over http.
    SecureFromClear "secure-from-clear" [102],
    /// A cookie set over http hides a secure one.
    SecureOverlaid "secure-overlaid" [102],
    /// A cookie without a domain is for all sub-domains.
    HostOnlyLost "host-only-lost" [95],
    /// A cookie for a public suffix is taken.
    SuffixIgnored "suffix-ignored" [97, 98, 99],
    /// A cookie may name any domain of its site.
    DomainNotCompared "domain-not-compared" [108],
    /// A path covers all that begin with it.
    PathByPrefix "path-by-prefix" [95],
    /// Expired cookies are sent.
    ExpiredSent "expired-sent" [107],
    /// A very long life of a cookie wraps around.
    MaxAgeOverflows "max-age-overflows" [107],
    /// One cookie more than allowed is taken from a response.
    CookiesOneMore "cookies-one-more" [100],
    /// A cookie one byte too long is taken.
    PairOneMore "pair-one-more" [103],
    /// `__Secure-` and `__Host-` say nothing.
    PrefixUnchecked "prefix-unchecked" [102],
    /// `Set-Cookie` counts in trailers.
    CookiesInTrailers "cookies-in-trailers" [122],
    /// The last `Cookie` line is used though the jar has changed.
    CookieLineStale "cookie-line-stale" [34],
    // Reading responses.
    /// Whatever `Transfer-Encoding` names is read as chunks.
    AnyTransferCoding "any-transfer-coding" [117],
    /// Two `Transfer-Encoding` fields are one.
    TransferCodingTwice "transfer-coding-twice" [117],
    /// `Transfer-Encoding` counts in HTTP/1.0.
    TransferCodingInHttp10 "transfer-coding-in-http10" [117],
    /// `Content-Length: +5` is 5.
    LengthWithSign "length-with-sign" [118],
    /// Of two lengths the first counts.
    LengthsDiffer "lengths-differ" [73],
    /// A length of more than 64 bits wraps around.
    LengthOverflows "length-overflows" [119],
    /// Where both framings are there, the length counts.
    LengthBeatsChunked "length-beats-chunked" [116],
    /// A chunk size of more than 64 bits wraps around.
    ChunkSizeOverflows "chunk-size-overflows" [119],
    /// A bare LF ends the line of a chunk size.
    ChunkSizeBareLf "chunk-size-bare-lf" [120],
    /// Whatever two bytes may follow a chunk.
    ChunkEndUnchecked "chunk-end-unchecked" [121],
    /// Chunk extensions may be as long as they like.
    ChunkExtensionsUnlimited "chunk-extensions-unlimited" [123],
    /// Trailers may be as many as they like.
    TrailersUnlimited "trailers-unlimited" [126],
    /// A body shorter than its length passes for whole.
    LengthCutOff "length-cut-off" [119],
    /// A chunked body without its end passes for whole.
    ChunksCutOff "chunks-cut-off" [119],
    /// Coded content without its end passes for whole.
    GzipCutOff "gzip-cut-off" [115],
    /// A body ends where TLS is cut off.
    CloseNotifyUnneeded "close-notify-unneeded" [115],
    /// The answer to HEAD has the body that its fields speak of.
    AnswerToHeadHasBody "answer-to-head-has-body" [116],
    /// 204 and 304 have the body that their fields speak of.
    NoContentHasBody "no-content-has-body" [116],
    /// 103 is the answer.
    InterimIsAnswer "interim-is-answer" [127],
    /// Interim responses may be as many as they like.
    InterimUnlimited "interim-unlimited" [127],
    /// One interim response more than allowed is skipped.
    InterimOneMore "interim-one-more" [127],
    /// 101 is the answer though nobody asked.
    SwitchUnasked "switch-unasked" [116],
    /// A head may be as large as it likes.
    HeadUnlimited "head-unlimited" [126],
    /// A head may have one field more than allowed.
    FieldsOneMore "fields-one-more" [126],
    /// Content may be coded as often as it likes.
    CodingsUnlimited "codings-unlimited" [129],
    /// Coded content may become as large as it likes.
    BombUnlimited "bomb-unlimited" [130],
    /// Coded content may become one byte larger than allowed.
    BombOneMore "bomb-one-more" [130],
    /// Coded content may become any times larger than it was.
    RatioUnlimited "ratio-unlimited" [130],
    /// A body may be as large as it likes.
    BodyUnlimited "body-unlimited" [133],
    /// What a caller leaves of a piece is lost.
    PieceLost "piece-lost" [116],
    /// The end of a head is missed where it is cut in two.
    HeadCutAtLineEnd "head-cut-at-line-end" [116],
    /// A chunk size that is cut in two is read as its second half.
    ChunkSizeCut "chunk-size-cut" [119],
    // Time, retries, words.
    /// Nobody looks at deadlines.
    DeadlineUnseen "deadline-unseen" [137],
    /// The total timeout begins again with each hop.
    DeadlinePerHop "deadline-per-hop" [137],
    /// Retries repeat requests that are not idempotent.
    RetryPost "retry-post" [62],
    /// One retry more than allowed is made.
    RetriesOneMore "retries-one-more" [138],
    /// A server may make the client wait as long as it likes.
    RetryAfterUnlimited "retry-after-unlimited" [137],
    /// `Debug` shows credentials in fields.
    SecretInDebug "secret-in-debug" [135],
    /// Errors show user and password of a URL.
    SecretInError "secret-in-error" [135],
    /// The trace shows credentials.
    SecretInTrace "secret-in-trace" [135],
    /// The error of a status shows user and password of a URL.
    SecretInStatusError "secret-in-status-error" [33],
    /// Bytes of the peer stand in errors as they came.
    PeerBytesInError "peer-bytes-in-error" [135],
    // TLS.
    /// A certificate may be for any name.
    NameUnchecked "name-unchecked" [57, 58, 110],
    /// An expired certificate will do.
    ExpiredTrusted "expired-trusted" [110],
    /// A certificate may come from anybody.
    IssuerUnchecked "issuer-unchecked" [110],
    // Proxies.
    /// What a proxy may know goes into the tunnel.
    ProxyAuthorizationInTunnel "proxy-authorization-in-tunnel" [7, 31],
    /// What the origin may know goes to the proxy, with CONNECT.
    AuthorizationInConnect "authorization-in-connect" [77],
    /// The target in absolute form has user and password.
    UserinfoToProxy "userinfo-to-proxy" [33],
    /// The proxy of the first hop serves all hops.
    ProxyChosenOnce "proxy-chosen-once" [35, 36],
    /// Whatever a proxy answers to CONNECT is a tunnel.
    ProxyAnswersForOrigin "proxy-answers-for-origin" [77],
    /// Bytes behind the proxy's answer belong to the tunnel.
    TunnelSurplusTaken "tunnel-surplus-taken" [77],
    /// An entry of NO_PROXY covers names that end with it, without a dot between.
    NoProxyWithoutDot "no-proxy-without-dot" [90],
    /// `HTTP_PROXY` counts within CGI.
    CgiProxyTrusted "cgi-proxy-trusted" [91],
    // Digest.
    /// The count of a nonce stays at one.
    NonceCountLost "nonce-count-lost" [47],
    /// What one server asked is answered to another.
    DigestOfOtherServer "digest-of-other-server" [47, 48],
    /// Digest signs the path without the query.
    DigestUriCut "digest-uri-cut" [47],
    /// A challenge is answered as often as it comes.
    DigestForever "digest-forever" [48],
    /// Who was asked by one origin answers others.
    DigestAcrossOrigins "digest-across-origins" [48],
}
