//! From the standard library's I/O errors to the core's: mapped here once, for every runtime.

use std::io::{Error, ErrorKind};

use sessio_core::io::IoError;

/// What the core calls this failure of a socket.
#[must_use]
pub fn io_error(error: &Error) -> IoError {
    match error.kind() {
        ErrorKind::ConnectionRefused => IoError::Refused,
        ErrorKind::ConnectionReset => IoError::Reset,
        ErrorKind::ConnectionAborted => IoError::Aborted,
        ErrorKind::BrokenPipe => IoError::BrokenPipe,
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => {
            IoError::Unreachable
        }
        ErrorKind::TimedOut => IoError::TimedOut,
        ErrorKind::AddrInUse | ErrorKind::AddrNotAvailable => IoError::AddressNotAvailable,
        ErrorKind::PermissionDenied => IoError::PermissionDenied,
        ErrorKind::NotFound => IoError::NotFound,
        ErrorKind::OutOfMemory => IoError::OutOfResources,
        _ => match error.raw_os_error() {
            // ENFILE, EMFILE and ENOBUFS have no kind of their own.
            Some(code) if is_exhausted(code) => IoError::OutOfResources,
            code => IoError::Other(code),
        },
    }
}

fn is_exhausted(code: i32) -> bool {
    use rustix::io::Errno;
    [Errno::NFILE, Errno::MFILE, Errno::NOBUFS].iter().any(|errno| errno.raw_os_error() == code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::io::Errno;

    #[test]
    fn each_failure_has_a_name() {
        let rows = [
            (Errno::CONNREFUSED, IoError::Refused),
            (Errno::CONNRESET, IoError::Reset),
            (Errno::PIPE, IoError::BrokenPipe),
            (Errno::HOSTUNREACH, IoError::Unreachable),
            (Errno::NETUNREACH, IoError::Unreachable),
            (Errno::TIMEDOUT, IoError::TimedOut),
            (Errno::ADDRNOTAVAIL, IoError::AddressNotAvailable),
            (Errno::ACCESS, IoError::PermissionDenied),
            (Errno::NOENT, IoError::NotFound),
            (Errno::MFILE, IoError::OutOfResources),
            (Errno::BADF, IoError::Other(Some(Errno::BADF.raw_os_error()))),
        ];
        for (errno, want) in rows {
            assert_eq!(io_error(&Error::from(errno)), want, "{errno}");
        }
    }
}
