//! Methods whose signature is the same in every runtime but for what the runtime returns.

/// The methods of a `Response` that give its body in items, for a type with a field `reply` and an
/// `Items` beside it.
#[doc(hidden)]
#[macro_export]
macro_rules! response_items {
    () => {
        /// The body in items of `count` bytes, but for the last one and, in a chunked body that is
        /// streamed, the last one of each chunk; 0 is all that is there at a time, and `usize::MAX`
        /// a whole chunk or else the whole body, as `None` is in requests.
        ///
        /// A body at hand can be iterated again and again. After an error nothing follows.
        pub fn iter_content(&mut self, count: usize) -> Items<'_, $crate::cuts::ByteCut> {
            Items::new(&mut self.reply, $crate::cuts::bytes(count))
        }

        /// The body as it comes in.
        pub fn iter_chunks(&mut self) -> Items<'_, $crate::cuts::ByteCut> {
            self.iter_content(0)
        }

        /// The body as text, in items of the text of `count` bytes. Nothing is guessed: without a
        /// charset it is UTF-8.
        pub fn iter_text(&mut self, count: usize) -> Items<'_, $crate::cuts::TextCut> {
            let cut = $crate::cuts::text(count, &self.reply.core);
            Items::new(&mut self.reply, cut)
        }

        /// The lines of the body, without their ends: LF, CR or CR LF.
        pub fn iter_lines(&mut self) -> Items<'_, $crate::cuts::LineCut> {
            self.iter_lines_by("")
        }

        /// The parts of the body between these delimiters; an empty one means lines.
        pub fn iter_lines_by(
            &mut self,
            delimiter: impl AsRef<[u8]>,
        ) -> Items<'_, $crate::cuts::LineCut> {
            Items::new(&mut self.reply, $crate::cuts::lines(delimiter.as_ref()))
        }

        /// The lines of the body's text, without their ends, which are those of Python's `str`.
        pub fn iter_text_lines(&mut self) -> Items<'_, $crate::cuts::TextLineCut> {
            self.iter_text_lines_by("")
        }

        /// The parts of the body's text between these delimiters; an empty one means lines.
        pub fn iter_text_lines_by(
            &mut self,
            delimiter: &str,
        ) -> Items<'_, $crate::cuts::TextLineCut> {
            let cut = $crate::cuts::text_lines(delimiter, &self.reply.core);
            Items::new(&mut self.reply, cut)
        }
    };
}
