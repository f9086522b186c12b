//! The place of the mio runtime. It has no code yet: use `sessio-std`, or drive `sessio-core` yourself.
