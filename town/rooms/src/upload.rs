//! Pictures and papers that a form of these pages sends. Pictures are made anew as they arrive, so that nothing of the
//! sender's file is kept but what is seen (`beffroi_documents::picture`); what lies on the disk then passes the virus gate
//! as any file from outside does.

use std::sync::Arc;

use axum::extract::Request;
use beffroi_core::Lang;
use beffroi_documents::{
    self as documents, Limits, MediaType, StoredFile, UploadError,
    picture::{self, PICTURE_BYTES, Picture, PictureError},
};
use beffroi_store::Commune;
use beffroi_web::{FormLimits, FormPost, FormReader, ReadError, Result, WebError, form::FilePart};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};

/// The longer side of a picture that is looked at, in points.
const LARGE: u32 = 1_600;
/// The longer side of one in a list.
const SMALL: u32 = 560;

/// A picture in two sizes, on the disk.
pub struct Shot {
    /// To look at.
    pub(crate) large: Side,
    /// For lists.
    pub(crate) small: Side,
}

/// One size of a picture.
pub struct Side {
    /// The file.
    pub(crate) file: StoredFile,
    /// Points from left to right.
    pub(crate) width: u32,
    /// Points from top to bottom.
    pub(crate) height: u32,
}

/// What came of a file.
pub(crate) enum Taken {
    /// A picture.
    Picture(Shot),
    /// A paper, as it was sent.
    Pdf(StoredFile),
}

/// What a form sent.
#[derive(Default)]
pub(crate) struct Posted {
    /// The texts.
    pub(crate) fields: FormPost,
    /// The files, each with the field that it was chosen in.
    pub(crate) files: Vec<(String, Taken)>,
    /// The fields of files that were refused, and what is said of each.
    pub(crate) refused: Vec<(String, String)>,
}

/// What of files a form takes.
#[derive(Clone, Copy)]
pub(crate) enum Wants {
    /// Pictures alone.
    Pictures,
    /// Pictures, or papers in PDF.
    Papers,
}

/// Reads a form with its files, as far as it comes: a refused file harms no other.
pub(crate) async fn read(
    request: Request,
    commune: &Arc<Commune>,
    lang: Lang,
    wants: Wants,
) -> Result<Posted> {
    let limits = FormLimits { files: 20, bytes: 20 * PICTURE_BYTES, ..FormLimits::default() };
    let mut reader = FormReader::new(request, limits).await?;
    let mut posted = Posted::default();
    loop {
        let file = match reader.next_file().await {
            Ok(Some(file)) => file,
            Ok(None) => break,
            Err(ReadError::CutOff(_)) => {
                posted.refused.push((String::new(), cut_off(lang)));
                break;
            }
            Err(error) => return Err(error.into()),
        };
        let (field, name) = (file.field().to_owned(), file.name().to_owned());
        match take(file, &name, commune, wants).await {
            Ok(taken) => posted.files.push((field, taken)),
            Err(Refused::Cut) => {
                posted.refused.push((field, cut_off(lang)));
                break;
            }
            Err(Refused::File(error)) => {
                posted.refused.push((field, format!("{name}\u{a0}: {}", error.message(lang))));
            }
            Err(Refused::Failed(error)) => return Err(error),
        }
    }
    posted.fields = reader.finish();
    Ok(posted)
}

/// Why a file is not taken.
enum Refused {
    /// It is none of those that are taken.
    File(UploadError),
    /// Its end never came.
    Cut,
    /// The town's disk refused, or a thread was lost.
    Failed(WebError),
}

impl From<UploadError> for Refused {
    fn from(error: UploadError) -> Self {
        match error {
            UploadError::Store(error) => Self::Failed(error.into()),
            UploadError::CutOff(_) => Self::Cut,
            other => Self::File(other),
        }
    }
}

async fn take(
    mut file: FilePart,
    name: &str,
    commune: &Arc<Commune>,
    wants: Wants,
) -> std::result::Result<Taken, Refused> {
    let mut bytes: Vec<u8> = Vec::new();
    while let Some(chunk) = file.next().await {
        bytes.extend_from_slice(&chunk.map_err(|_| Refused::Cut)?);
        if bytes.len() > PICTURE_BYTES {
            let most = u64::try_from(PICTURE_BYTES).unwrap_or(u64::MAX);
            return Err(Refused::File(UploadError::TooLarge(most)));
        }
    }
    if bytes.is_empty() {
        return Err(Refused::File(UploadError::Empty));
    }
    if matches!(wants, Wants::Papers) && bytes.starts_with(b"%PDF-") {
        return Ok(Taken::Pdf(store(commune, name, bytes, MediaType::Pdf).await?));
    }
    let accepted = match wants {
        Wants::Pictures => vec![MediaType::Jpeg, MediaType::Png, MediaType::Webp],
        Wants::Papers => vec![MediaType::Pdf, MediaType::Jpeg, MediaType::Png, MediaType::Webp],
    };
    let made = tokio::task::spawn_blocking(move || picture::pictures(&bytes, [LARGE, SMALL])).await;
    let [large, small] = match made.map_err(|error| Refused::Failed(WebError::internal(error)))? {
        Ok(made) => made,
        Err(PictureError::Kind) => return Err(Refused::File(UploadError::Forbidden(accepted))),
        Err(PictureError::Broken | PictureError::Blank) => {
            return Err(Refused::File(UploadError::Broken));
        }
    };
    let name = format!("{}.jpg", name.rsplit_once('.').map_or(name, |(stem, _)| stem));
    let large = side(commune, &name, large).await?;
    Ok(Taken::Picture(Shot { large, small: side(commune, &name, small).await? }))
}

async fn side(commune: &Arc<Commune>, name: &str, made: Picture) -> std::result::Result<Side, Refused> {
    let Picture { bytes, width, height } = made;
    Ok(Side { file: store(commune, name, bytes, MediaType::Jpeg).await?, width, height })
}

async fn store(
    commune: &Arc<Commune>,
    name: &str,
    bytes: Vec<u8>,
    media_type: MediaType,
) -> std::result::Result<StoredFile, UploadError> {
    let limits = Limits { bytes: u64::try_from(PICTURE_BYTES).unwrap_or(u64::MAX), types: vec![media_type] };
    let content = stream::iter([Ok::<_, std::io::Error>(Bytes::from(bytes))]);
    documents::receive(commune, content, name, &limits).await
}

fn cut_off(lang: Lang) -> String {
    UploadError::CutOff(String::new()).message(lang)
}
