//! Gzip for bodies that are already in memory. Streams and files are sent as they are.

use std::{cell::RefCell, io::Write};

use axum::http::{HeaderMap, header};
use bytes::Bytes;
use flate2::{Compress, Compression, FlushCompress, Status, write::GzEncoder};

/// Under this, the frame costs more than it saves (a packet's worth).
pub(crate) const WORTH_IT: usize = 1_200;

/// Whether the reader takes gzip.
pub(crate) fn accepted(headers: &HeaderMap) -> bool {
    headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok()).any(|value| {
        value.split(',').any(|item| {
            let mut parts = item.split(';').map(str::trim);
            let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
            named && !parts.any(|weight| weight.trim_start_matches("q=").parse() == Ok(0.0_f32))
        })
    })
}

/// Small, for what is compressed once and sent many times.
pub(crate) fn best(bytes: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(room(bytes), Compression::best());
    // Writing to memory does not fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default().into()
}

thread_local! {
    /// What a thread compresses with. It is a quarter of a megabyte that a page would fill anew for itself.
    static QUICK: RefCell<Compress> = RefCell::new(Compress::new_gzip(Compression::fast(), WINDOW_BITS));
}
/// The window of gzip, 32 KiB (RFC 1951, section 2).
const WINDOW_BITS: u8 = 15;

/// Quick, for what is sent once.
pub(crate) fn quick(bytes: &[u8]) -> Bytes {
    QUICK.with_borrow_mut(|state| {
        state.reset();
        let mut out = room(bytes);
        loop {
            let read = usize::try_from(state.total_in()).unwrap_or(usize::MAX);
            let rest = bytes.get(read..).unwrap_or_default();
            match state.compress_vec(rest, &mut out, FlushCompress::Finish) {
                Ok(Status::Ok | Status::BufError) => out.reserve(out.capacity().max(WORTH_IT)),
                // It only fails on a state that is no state.
                Ok(Status::StreamEnd) | Err(_) => break,
            }
        }
        out.into()
    })
}

/// As much room as a page needs, most often.
fn room(bytes: &[u8]) -> Vec<u8> {
    Vec::with_capacity(bytes.len() / 3)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    #[test]
    fn what_is_compressed_is_read_again_whatever_its_size() {
        let noise: Vec<u8> =
            (0_u32..70_000).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
        for size in [0, 1, WORTH_IT, 65_536, noise.len()] {
            for compressed in [quick(&noise[..size]), best(&noise[..size])] {
                let mut read = Vec::new();
                GzDecoder::new(&compressed[..]).read_to_end(&mut read).unwrap();
                assert_eq!(read, noise[..size]);
            }
        }
    }

    #[test]
    fn gzip_is_used_only_where_it_is_taken() {
        let takes = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, value.parse().unwrap());
            accepted(&headers)
        };
        assert!(takes("gzip, deflate, br"));
        assert!(takes("br;q=1.0, GZIP;q=0.5"));
        assert!(!takes("gzip;q=0"));
        assert!(!takes("br"));
        assert!(!accepted(&HeaderMap::new()));
    }
}
