//! Gzip for bodies that are already in memory. Streams and files are sent as they are.

use std::io::Write;

use axum::http::{HeaderMap, header};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};

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
    gzip(bytes, Compression::best())
}

/// Quick, for what is sent once.
pub(crate) fn quick(bytes: &[u8]) -> Bytes {
    gzip(bytes, Compression::fast())
}

fn gzip(bytes: &[u8], level: Compression) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 3), level);
    // Writing to memory does not fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use super::*;

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
