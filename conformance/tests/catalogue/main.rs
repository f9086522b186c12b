//! The catalogue of faults that other clients had, row by row: each row's trigger is acted out, and a
//! test is named after the row's number.

mod chains;
mod connections;
mod index;
mod places;
mod redirects;
mod responses;
mod scene;
mod wire;
