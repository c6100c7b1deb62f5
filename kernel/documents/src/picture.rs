//! Pictures from outside, made anew: only what is seen stays. Where and when a photograph was taken, by which telephone,
//! and whatever else a file carries, does not (GDPR, art. 5-1 c), and nothing of the sender's file reaches a reader.

use std::io::Cursor;

use image::{
    DynamicImage, GrayImage, ImageDecoder as _, ImageFormat, ImageReader, Limits, Luma, Rgb, RgbImage,
    codecs::{jpeg::JpegEncoder, png::PngEncoder},
    metadata::Orientation,
};
use parking_lot::Mutex;

use crate::media::{HEAD, MediaType};

/// Bytes of a picture from outside, at most.
pub const PICTURE_BYTES: usize = 15_000_000;
/// Points of a side, at most: beyond, it is no photograph of a telephone.
const SIDE_AT_MOST: u32 = 13_000;
/// Bytes that opening one may take.
const MEMORY_AT_MOST: u64 = 160 << 20;
/// How closely a JPEG follows what was seen, in hundredths.
const QUALITY: u8 = 82;
/// Points of a drawn signature, at most.
const INK_WIDTH: u32 = 600;
/// Dark points that a drawing has, at least.
const INK_AT_LEAST: usize = 30;

/// One picture is opened at a time: each may take much memory.
static ONE: Mutex<()> = Mutex::new(());

/// Why a picture is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// It is no JPEG, PNG or WebP.
    #[error("it is no JPEG, PNG or WebP")]
    Kind,
    /// It is broken, or larger than a photograph.
    #[error("it cannot be opened")]
    Broken,
    /// It is a drawing on which nothing is drawn.
    #[error("nothing is drawn")]
    Blank,
}

/// A picture made anew, as JPEG.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The file.
    pub bytes: Vec<u8>,
    /// Points from left to right.
    pub width: u32,
    /// Points from top to bottom.
    pub height: u32,
}

/// A picture as JPEG in each of these sizes (the longer side, at most), upright. Computes: for blocking threads.
///
/// # Errors
/// [`PictureError`].
pub fn pictures<const N: usize>(bytes: &[u8], longest: [u32; N]) -> Result<[Picture; N], PictureError> {
    let _one = ONE.lock();
    let seen = DynamicImage::ImageRgb8(flat(&open(bytes)?));
    let mut made = Vec::with_capacity(N);
    for side in longest {
        let fits = seen.width().max(seen.height()) <= side;
        let shrunk = if fits { seen.to_rgb8() } else { seen.thumbnail(side, side).to_rgb8() };
        let mut file = Vec::new();
        JpegEncoder::new_with_quality(&mut file, QUALITY)
            .encode_image(&shrunk)
            .map_err(|_| PictureError::Broken)?;
        made.push(Picture { bytes: file, width: shrunk.width(), height: shrunk.height() });
    }
    made.try_into().map_err(|_| PictureError::Broken)
}

/// How long the longer side is made, in points, until a picture fits.
const SMALLER: [u32; 4] = [480, 360, 240, 160];

/// These pictures as they fit into so many bytes together: as they are where all do, else those that take more than their
/// share made smaller, as JPEG. `None` for one that cannot be made small enough, or is none. Computes: for blocking threads.
pub fn fitting(all: Vec<Vec<u8>>, within: usize) -> Vec<Option<Vec<u8>>> {
    let bytes = all.iter().map(Vec::len).fold(0, usize::saturating_add);
    if bytes <= within {
        return all.into_iter().map(Some).collect();
    }
    let share = within / all.len().max(1);
    let fit = |bytes: Vec<u8>| if bytes.len() <= share { Some(bytes) } else { smaller(&bytes, share) };
    all.into_iter().map(fit).collect()
}

fn smaller(bytes: &[u8], share: usize) -> Option<Vec<u8>> {
    let made = pictures(bytes, SMALLER).ok()?;
    made.into_iter().map(|picture| picture.bytes).find(|bytes| bytes.len() <= share)
}

/// What was drawn by hand, dark on white, as a small PNG. Computes: for blocking threads.
///
/// # Errors
/// [`PictureError`].
pub fn drawing(bytes: &[u8]) -> Result<Vec<u8>, PictureError> {
    let _one = ONE.lock();
    let drawn = DynamicImage::ImageRgb8(flat(&open(bytes)?));
    let drawn = if drawn.width() > INK_WIDTH { drawn.thumbnail(INK_WIDTH, INK_WIDTH) } else { drawn };
    let grey = drawn.to_luma8();
    let ink: GrayImage = GrayImage::from_fn(grey.width(), grey.height(), |x, y| {
        let Luma([light]) = *grey.get_pixel(x, y);
        Luma([if light < 200 { light } else { 255 }])
    });
    if ink.pixels().filter(|Luma([light])| *light < 255).count() < INK_AT_LEAST {
        return Err(PictureError::Blank);
    }
    let mut file = Vec::new();
    DynamicImage::ImageLuma8(ink)
        .write_with_encoder(PngEncoder::new(&mut file))
        .map_err(|_| PictureError::Broken)?;
    Ok(file)
}

/// Opens a picture, and turns it upright.
fn open(bytes: &[u8]) -> Result<DynamicImage, PictureError> {
    let format = match MediaType::sniff(bytes.get(..HEAD).unwrap_or(bytes)) {
        Some(MediaType::Jpeg) => ImageFormat::Jpeg,
        Some(MediaType::Png) => ImageFormat::Png,
        Some(MediaType::Webp) => ImageFormat::WebP,
        _ => return Err(PictureError::Kind),
    };
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_AT_MOST);
    limits.max_image_height = Some(SIDE_AT_MOST);
    limits.max_alloc = Some(MEMORY_AT_MOST);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| PictureError::Broken)?;
    // The decoders bound what they take for themselves; what the picture takes is bounded here.
    if decoder.total_bytes() > MEMORY_AT_MOST {
        return Err(PictureError::Broken);
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut seen = DynamicImage::from_decoder(decoder).map_err(|_| PictureError::Broken)?;
    seen.apply_orientation(orientation);
    Ok(seen)
}

/// On white, where something shines through.
fn flat(seen: &DynamicImage) -> RgbImage {
    if !seen.color().has_alpha() {
        return seen.to_rgb8();
    }
    let seen = seen.to_rgba8();
    RgbImage::from_fn(seen.width(), seen.height(), |x, y| {
        let [red, green, blue, alpha] = seen.get_pixel(x, y).0;
        let alpha = u16::from(alpha);
        let on_white = |part: u8| {
            let mixed = (u16::from(part) * alpha + 255 * (255 - alpha)) / 255;
            u8::try_from(mixed).unwrap_or(u8::MAX)
        };
        Rgb([on_white(red), on_white(green), on_white(blue)])
    })
}

#[cfg(test)]
mod tests {
    use image::{ImageEncoder as _, Rgba, RgbaImage};

    use super::*;

    fn jpeg(width: u32, height: u32, exif: Option<Vec<u8>>) -> Vec<u8> {
        let seen =
            RgbImage::from_fn(width, height, |x, _| Rgb([if x < width / 2 { 250 } else { 5 }, 120, 30]));
        let mut file = Vec::new();
        let mut encoder = JpegEncoder::new_with_quality(&mut file, 90);
        if let Some(exif) = exif {
            encoder.set_exif_metadata(exif).unwrap();
        }
        encoder.encode_image(&seen).unwrap();
        file
    }

    /// Turned by a quarter to the right, and where it was taken.
    fn exif() -> Vec<u8> {
        let mut exif = b"II*\0\x08\0\0\0\x02\0".to_vec();
        exif.extend(b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0");
        exif.extend(b"\x0f\x01\x02\0\x0c\0\0\0\x26\0\0\0");
        exif.extend(b"\0\0\0\0TELEPHONE-X\0");
        exif
    }

    fn holds(file: &[u8], needle: &[u8]) -> bool {
        file.windows(needle.len()).any(|window| window == needle)
    }

    #[test]
    fn pictures_are_made_smaller_only_where_they_do_not_fit_together() {
        let large = jpeg(1_600, 1_200, None);
        let all = vec![large.clone(), large.clone(), jpeg(64, 48, None), b"none".to_vec()];
        let bytes: usize = all.iter().map(Vec::len).sum();
        let same: Vec<Option<Vec<u8>>> = all.iter().cloned().map(Some).collect();
        assert_eq!(fitting(all.clone(), bytes), same);
        // Both large ones give way, and all of them are still there.
        let fit = fitting(all.clone(), large.len());
        assert!(fit.iter().all(Option::is_some));
        let together: usize = fit.iter().flatten().map(Vec::len).sum();
        assert!(together <= large.len(), "{together}");
        assert_eq!(fit[2], same[2], "what is small stays as it is");
        assert!(fitting(all, 8).iter().all(Option::is_none), "nothing of that fits");
    }

    #[test]
    fn a_photograph_stands_upright_and_keeps_no_word_of_its_telephone() {
        let sent = jpeg(400, 200, Some(exif()));
        assert!(holds(&sent, b"TELEPHONE-X"));
        let [large, small] = pictures(&sent, [1_600, 100]).unwrap();
        assert_eq!((large.width, large.height), (200, 400), "never made larger, and turned");
        assert_eq!((small.width, small.height), (50, 100));
        for made in [large, small] {
            assert!(made.bytes.starts_with(b"\xff\xd8\xff"));
            assert!(!holds(&made.bytes, b"Exif") && !holds(&made.bytes, b"TELEPHONE-X"));
        }
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        assert_eq!(pictures(b"%PDF-1.7\n", [100]), Err(PictureError::Kind));
        assert_eq!(pictures(b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>", [100]), Err(PictureError::Kind));
        let sent = jpeg(40, 40, None);
        assert_eq!(pictures(&sent[..sent.len() / 4], [100]), Err(PictureError::Broken));
    }

    #[test]
    fn a_drawing_is_dark_on_white_and_not_blank() {
        let drawn = |ink: bool| {
            let canvas = RgbaImage::from_fn(300, 100, |x, y| {
                if ink && y == 50 && x > 20 { Rgba([0, 0, 0, 255]) } else { Rgba([0, 0, 0, 0]) }
            });
            let mut file = Vec::new();
            PngEncoder::new(&mut file)
                .write_image(canvas.as_raw(), 300, 100, image::ExtendedColorType::Rgba8)
                .unwrap();
            file
        };
        assert!(drawing(&drawn(true)).unwrap().starts_with(b"\x89PNG"));
        assert_eq!(drawing(&drawn(false)), Err(PictureError::Blank));
    }
}
