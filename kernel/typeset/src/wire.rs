//! The words between a pool and its workers: a length on four bytes, then that many bytes.

use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize};

/// Neither a job nor a PDF may be longer than this, in bytes.
pub(crate) const LONGEST: usize = 32 * 1024 * 1024;

/// A worker's answer begins with one of these.
pub(crate) const PDF: u8 = 0;
/// See [`PDF`].
pub(crate) const REFUSAL: u8 = 1;

/// First frame that a worker receives.
#[derive(Serialize, Deserialize)]
pub(crate) struct Hello {
    /// Address space that the worker may use, in bytes.
    pub memory: u64,
}

pub(crate) fn send(out: &mut impl Write, parts: &[&[u8]]) -> io::Result<()> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let length = u32::try_from(length)
        .ok()
        .filter(|_| length <= LONGEST)
        .ok_or_else(|| io::Error::new(io::ErrorKind::FileTooLarge, "frame too long"))?;
    out.write_all(&length.to_be_bytes())?;
    for part in parts {
        out.write_all(part)?;
    }
    out.flush()
}

/// The next frame, or none when the other side has closed between two frames.
pub(crate) fn receive(input: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    match input.read_exact(&mut length[..1]) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    input.read_exact(&mut length[1..])?;
    let length = u32::from_be_bytes(length) as usize;
    if length > LONGEST {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "frame too long"));
    }
    let mut frame = vec![0; length];
    input.read_exact(&mut frame)?;
    Ok(Some(frame))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_received() {
        let mut pipe = Vec::new();
        send(&mut pipe, &[b"a", b"bc"]).unwrap();
        send(&mut pipe, &[]).unwrap();
        let mut input = pipe.as_slice();
        assert_eq!(receive(&mut input).unwrap().unwrap(), b"abc");
        assert_eq!(receive(&mut input).unwrap().unwrap(), b"");
        assert!(receive(&mut input).unwrap().is_none());
    }

    #[test]
    fn an_absurd_length_is_refused_before_it_is_allocated() {
        assert!(receive(&mut [0xff; 8].as_slice()).is_err());
    }
}
