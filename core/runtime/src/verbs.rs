//! Methods whose signature is the same in every runtime but for what the runtime returns.

/// The methods of a `Response` that give its body in items, for a type with a field `reply` and an
/// `Items` beside it; what these are generic over is named.
#[doc(hidden)]
#[macro_export]
macro_rules! response_items {
    ($($of:ident),*) => {
        /// The body in items of `count` bytes, but for the last one and, in a chunked body that is
        /// streamed, the last one of each chunk; 0 is all that is there at a time, and `usize::MAX`
        /// a whole chunk or else the whole body, as `None` is in requests.
        ///
        /// A body at hand can be iterated again and again. After an error nothing follows.
        pub fn iter_content(&mut self, count: usize) -> Items<'_, $($of,)* $crate::cuts::ByteCut> {
            Items::new(&mut self.reply, $crate::cuts::bytes(count))
        }

        /// The body as it comes in.
        pub fn iter_chunks(&mut self) -> Items<'_, $($of,)* $crate::cuts::ByteCut> {
            self.iter_content(0)
        }

        /// The body as text, in items of the text of `count` bytes. Nothing is guessed: without a
        /// charset it is UTF-8.
        pub fn iter_text(&mut self, count: usize) -> Items<'_, $($of,)* $crate::cuts::TextCut> {
            let cut = $crate::cuts::text(count, &self.reply.core);
            Items::new(&mut self.reply, cut)
        }

        /// The lines of the body, without their ends: LF, CR or CR LF.
        pub fn iter_lines(&mut self) -> Items<'_, $($of,)* $crate::cuts::LineCut> {
            self.iter_lines_by("")
        }

        /// The parts of the body between these delimiters; an empty one means lines.
        pub fn iter_lines_by(
            &mut self,
            delimiter: impl AsRef<[u8]>,
        ) -> Items<'_, $($of,)* $crate::cuts::LineCut> {
            Items::new(&mut self.reply, $crate::cuts::lines(delimiter.as_ref()))
        }

        /// The lines of the body's text, without their ends, which are those of Python's `str`.
        pub fn iter_text_lines(&mut self) -> Items<'_, $($of,)* $crate::cuts::TextLineCut> {
            self.iter_text_lines_by("")
        }

        /// The parts of the body's text between these delimiters; an empty one means lines.
        pub fn iter_text_lines_by(
            &mut self,
            delimiter: &str,
        ) -> Items<'_, $($of,)* $crate::cuts::TextLineCut> {
            let cut = $crate::cuts::text_lines(delimiter, &self.reply.core);
            Items::new(&mut self.reply, cut)
        }
    };
}

/// The methods of a `Session` that make calls and wait for them, for a type with a method
/// `call(&self, request, attached)`.
#[doc(hidden)]
#[macro_export]
macro_rules! blocking_verbs {
    ($($name:ident $method:literal),+ $(,)?) => {
        $(
            #[doc = concat!("Sends a `", $method, "` request and waits for the response.")]
            ///
            /// # Errors
            /// As [`Session::request`].
            pub fn $name(
                &self,
                url: impl Into<sessio_core::message::Address>,
            ) -> Result<Response> {
                self.request(Request::$name(url))
            }
        )+
    };
    () => {
        $crate::blocking_verbs! {
            get "GET", options "OPTIONS", head "HEAD", post "POST", put "PUT", patch "PATCH",
            delete "DELETE",
        }

        /// Prepares a request, sends it, and waits for the response.
        ///
        /// # Errors
        /// What is wrong with the request, or what kept the response from coming. A status of 400
        /// and above is no error: see [`Response::raise_for_status`].
        pub fn request(&self, request: Request) -> Result<Response> {
            let prepared = self.prepare_request(request)?;
            self.send(prepared)
        }

        /// Sends a prepared request as it stands, with the options that came with it.
        ///
        /// # Errors
        /// What kept the response from coming.
        pub fn send(&self, prepared: Prepared) -> Result<Response> {
            let (request, attached) = $crate::Attached::split(prepared);
            $crate::blocking::Front::call(self, request.into(), attached)
        }

        /// Sends a prepared request as it stands, with these options in place of those that came
        /// with it.
        ///
        /// # Errors
        /// What kept the response from coming.
        pub fn send_with(
            &self,
            prepared: Prepared,
            options: sessio_core::message::CallOptions,
        ) -> Result<Response> {
            self.send(Prepared { options, ..prepared })
        }

        /// Sends a message as it stands: no hooks, no custom auth. The same message may be sent
        /// again and again, without a copy of it.
        ///
        /// # Errors
        /// What kept the response from coming; `ErrorKind::Upload` if its body has sources, which
        /// only a [`Prepared`] has.
        pub fn send_message(
            &self,
            request: &std::sync::Arc<sessio_core::PreparedRequest>,
            options: sessio_core::message::CallOptions,
        ) -> Result<Response> {
            let attached = $crate::Attached::only(options);
            $crate::blocking::Front::call(self, std::sync::Arc::clone(request), attached)
        }

        /// Follows the redirects of a response step by step, each when it is asked for: with
        /// `allow_redirects(false)`, what the response's `next` leads to, and so on.
        ///
        /// Each response has those before it in its history. After an error nothing follows.
        pub fn resolve_redirects(&self, response: Response) -> Redirects {
            Redirects::new(self.clone(), response)
        }
    };
}
