//! The place of the smol runtime. It has no code yet: use `sessio-std`, or drive `sessio-core` yourself.
