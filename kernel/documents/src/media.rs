//! What kind of file something is, by its content. What the sender says of it does not count.

use serde::{Deserialize, Serialize};

/// How many bytes from the start tell the type.
pub(crate) const HEAD: usize = 8 * 1024;

/// A kind of file that a town hall accepts. None of them carries a program that runs when opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MediaType {
    /// PDF.
    Pdf,
    /// A photograph or a scan.
    Jpeg,
    /// A picture or a screenshot.
    Png,
    /// A picture from the web.
    Webp,
    /// A photograph by a telephone.
    Heif,
    /// A text by LibreOffice.
    Odt,
    /// A spreadsheet by LibreOffice.
    Ods,
    /// A text by Word.
    Docx,
    /// A spreadsheet by Excel.
    Xlsx,
    /// Plain text.
    Text,
}

impl MediaType {
    /// Every accepted kind.
    pub const ALL: [Self; 10] = [
        Self::Pdf,
        Self::Jpeg,
        Self::Png,
        Self::Webp,
        Self::Heif,
        Self::Odt,
        Self::Ods,
        Self::Docx,
        Self::Xlsx,
        Self::Text,
    ];

    /// The media type (RFC 6838), as in `Content-Type`.
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Heif => "image/heif",
            Self::Odt => "application/vnd.oasis.opendocument.text",
            Self::Ods => "application/vnd.oasis.opendocument.spreadsheet",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Text => "text/plain",
        }
    }

    /// As a reader calls it, in both languages.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Pdf => "PDF",
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::Webp => "WebP",
            Self::Heif => "HEIC",
            Self::Odt => "ODT",
            Self::Ods => "ODS",
            Self::Docx => "DOCX",
            Self::Xlsx => "XLSX",
            Self::Text => "TXT",
        }
    }

    /// The kind that a stored media type names.
    pub(crate) fn from_mime(mime: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.mime() == mime)
    }

    /// The kind that the first bytes tell; `Text` only says that nothing speaks against it so far.
    pub(crate) fn sniff(head: &[u8]) -> Option<Self> {
        match infer::get(head) {
            Some(kind) if kind.mime_type() == "image/heic" => Some(Self::Heif),
            Some(kind) => Self::from_mime(kind.mime_type()),
            None => is_text(head).then_some(Self::Text),
        }
    }
}

/// Whether bytes may be text, in any of the usual encodings of Western Europe: no control characters.
pub(crate) fn is_text(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte >= 0x20 || matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_tells_the_type() {
        assert_eq!(MediaType::sniff(b"%PDF-1.7\n"), Some(MediaType::Pdf));
        assert_eq!(MediaType::sniff(b"\xFF\xD8\xFF\xE0\0\x10JFIF"), Some(MediaType::Jpeg));
        assert_eq!(MediaType::sniff(b"\x89PNG\r\n\x1a\n"), Some(MediaType::Png));
        assert_eq!(MediaType::sniff("Bonjour, voici l’attestation.\r\n".as_bytes()), Some(MediaType::Text));
    }

    #[test]
    fn what_runs_when_opened_is_not_accepted() {
        for content in [
            b"MZ\x90\0\x03\0\0\0".as_slice(),
            b"\x7fELF\x02\x01\x01\0",
            b"#!/bin/sh\nrm -rf /\n",
            b"<!DOCTYPE html><script>alert(1)</script>",
            b"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>",
            b"PK\x03\x04\x14\0\0\0\0\0archive.bin",
            b"\0\0\0\0",
        ] {
            assert_eq!(MediaType::sniff(content), None, "{content:?}");
        }
    }
}
