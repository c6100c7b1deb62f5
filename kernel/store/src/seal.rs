//! What only this installation may read: secrets of other systems and the most sensitive answers are kept sealed under
//! a key that lies beside the databases, and in none of them.

use std::{
    fmt,
    fs::OpenOptions,
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use parking_lot::Mutex;
use rand::Rng;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{Result, StoreError, Tx};

/// The file of the keys, in the platform's folder: one in hexadecimal a line. The first seals, each opens.
pub const KEY_FILE: &str = "seal.key";
/// Bytes of a key.
const KEY: usize = 32;
/// Bytes of a nonce (draft-irtf-cfrg-xchacha, section 2): long enough to be drawn at random.
const NONCE: usize = 24;
/// Bytes that tell under which key something was sealed.
const MARK: usize = 4;
/// How what is sealed is written: this byte, the key's mark, the nonce, the text with its tag.
const FORM: u8 = 1;

/// The keys of an installation. The file is read, or made, when something is first sealed or opened.
pub(crate) struct Keys {
    file: PathBuf,
    known: Mutex<Vec<Key>>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("file", &self.file).finish_non_exhaustive()
    }
}

#[derive(Clone)]
struct Key {
    mark: [u8; MARK],
    cipher: XChaCha20Poly1305,
}

impl Key {
    fn new(bytes: &[u8; KEY]) -> Self {
        let digest: [u8; 32] = Sha256::digest(bytes).into();
        let mut mark = [0; MARK];
        mark.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        Self { mark, cipher: XChaCha20Poly1305::new(bytes.into()) }
    }
}

impl Keys {
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self { file: folder.join(KEY_FILE), known: Mutex::default() }
    }

    /// The key that seals, made if there is none yet.
    fn first(&self) -> Result<Key> {
        let mut known = self.known.lock();
        if known.is_empty() {
            *known = match self.read()? {
                Some(keys) => keys,
                None => self.make()?,
            };
        }
        known.first().cloned().ok_or_else(|| self.unusable("it holds no key"))
    }

    /// The key of this mark. An operator may have added it since the file was read.
    fn marked(&self, mark: &[u8]) -> Result<Option<Key>> {
        let mut known = self.known.lock();
        if !known.iter().any(|key| key.mark == mark) {
            *known = self.read()?.unwrap_or_default();
        }
        Ok(known.iter().find(|key| key.mark == mark).cloned())
    }

    fn read(&self) -> Result<Option<Vec<Key>>> {
        let text = match std::fs::read_to_string(&self.file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StoreError::io(format!("read {}", self.file.display()))(error)),
        };
        let mut keys = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let mut bytes = [0; KEY];
            hex::decode_to_slice(line, &mut bytes)
                .map_err(|_| self.unusable("a key is 64 hexadecimal digits on a line"))?;
            keys.push(Key::new(&bytes));
        }
        if keys.is_empty() { Err(self.unusable("it holds no key")) } else { Ok(Some(keys)) }
    }

    /// Draws a key and keeps it before anything is sealed under it. Of two programs that do, one wins.
    fn make(&self) -> Result<Vec<Key>> {
        let failed = |error| StoreError::io(format!("make {}", self.file.display()))(error);
        let mut bytes = [0; KEY];
        rand::rng().fill_bytes(&mut bytes);
        let folder = self.file.parent().unwrap_or_else(|| Path::new("."));
        let mut draft = tempfile::Builder::new()
            .prefix(".seal")
            .make_in(folder, |path| OpenOptions::new().write(true).create_new(true).mode(0o600).open(path))
            .map_err(failed)?;
        writeln!(draft, "{}", hex::encode(bytes)).map_err(failed)?;
        draft.as_file().sync_all().map_err(failed)?;
        match draft.persist_noclobber(&self.file) {
            Ok(_) => {
                let folder = std::fs::File::open(folder).map_err(failed)?;
                folder.sync_all().map_err(failed)?;
                Ok(vec![Key::new(&bytes)])
            }
            Err(error) if error.error.kind() == ErrorKind::AlreadyExists => {
                self.read()?.ok_or_else(|| self.unusable("it went away"))
            }
            Err(error) => Err(failed(error.error)),
        }
    }

    fn unusable(&self, reason: &str) -> StoreError {
        StoreError::Invalid(format!("{}: {reason}", self.file.display()))
    }
}

impl Tx<'_> {
    /// Seals `plain` so that it opens only here, and only for `context`: the place where it is kept, such as
    /// `webhook.secret` and the id of its row, so that what was sealed for one place opens in no other.
    ///
    /// Errors: the key cannot be read or made.
    pub fn seal(&self, context: &str, plain: &[u8]) -> Result<Vec<u8>> {
        let key = self.keys.first()?;
        let nonce = self.random::<NONCE>();
        let payload = Payload { msg: plain, aad: context.as_bytes() };
        let sealed = key
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| StoreError::Invalid("it is too long to be sealed".to_owned()))?;
        Ok([&[FORM], &key.mark[..], &nonce[..], &sealed[..]].concat())
    }

    /// Opens what [`Tx::seal`] sealed for this `context`.
    ///
    /// Errors: it was sealed under a key that this installation does not have, or for another place, or was changed.
    pub fn unseal(&self, context: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        let broken = || StoreError::Corrupt("what is sealed was changed, or belongs elsewhere".to_owned());
        let rest = sealed.strip_prefix(&[FORM]).ok_or_else(broken)?;
        let (mark, rest) = rest.split_at_checked(MARK).ok_or_else(broken)?;
        let (nonce, text) = rest.split_at_checked(NONCE).ok_or_else(broken)?;
        let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| broken())?;
        let key = self.keys.marked(mark)?.ok_or_else(|| {
            let mark = hex::encode(mark);
            StoreError::Invalid(format!("{KEY_FILE} lacks the key {mark}…, under which something was sealed"))
        })?;
        let payload = Payload { msg: text, aad: context.as_bytes() };
        key.cipher.decrypt(&XNonce::from(nonce), payload).map_err(|_| broken())
    }

    /// [`Tx::seal`] for a text, in hexadecimal for a column of texts.
    ///
    /// Errors: those of [`Tx::seal`].
    pub fn seal_text(&self, context: &str, plain: &str) -> Result<String> {
        Ok(hex::encode(self.seal(context, plain.as_bytes())?))
    }

    /// Opens what [`Tx::seal_text`] sealed.
    ///
    /// Errors: those of [`Tx::unseal`].
    pub fn unseal_text(&self, context: &str, sealed: &str) -> Result<String> {
        let broken = |what: &str| StoreError::Corrupt(format!("what is sealed is no {what}"));
        let sealed = hex::decode(sealed).map_err(|_| broken("hexadecimal"))?;
        String::from_utf8(self.unseal(context, &sealed)?).map_err(|_| broken("text"))
    }

    /// Seals a value for a JSON column, as a text. Where the same column also keeps values in clear, these are
    /// objects or lists, and so told from what is sealed.
    ///
    /// Errors: those of [`Tx::seal`].
    pub fn seal_json(&self, context: &str, value: &impl Serialize) -> Result<Value> {
        Ok(Value::String(self.seal_text(context, &serde_json::to_string(value)?)?))
    }

    /// Opens what [`Tx::seal_json`] sealed; `None` where the column keeps its value in clear.
    ///
    /// Errors: those of [`Tx::unseal`].
    pub fn unseal_json<T: DeserializeOwned>(&self, context: &str, kept: &Value) -> Result<Option<T>> {
        let Value::String(sealed) = kept else { return Ok(None) };
        Ok(Some(serde_json::from_str(&self.unseal_text(context, sealed)?)?))
    }
}

#[cfg(test)]
#[cfg(feature = "testing")]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::{By, testing::on_both_engines};

    const PLACE: &str = "test.secret";

    #[test]
    fn what_is_sealed_opens_in_its_place_only() {
        on_both_engines(&[], |town| {
            let (sealed, again) = town
                .commune
                .write_blocking(By::SYSTEM, |tx| {
                    Ok::<_, StoreError>((tx.seal(PLACE, b"soleil")?, tx.seal(PLACE, b"soleil")?))
                })
                .unwrap();
            assert_ne!(sealed, again, "two seals of one text tell nothing");
            assert!(!sealed.windows(6).any(|bytes| bytes == b"soleil"));
            let open = |context: &str, sealed: &[u8]| {
                town.commune.read_blocking(By::SYSTEM, |tx| tx.unseal(context, sealed))
            };
            assert_eq!(open(PLACE, &sealed).unwrap(), b"soleil");
            assert!(open("another.secret", &sealed).is_err());
            let mut changed = sealed.clone();
            *changed.last_mut().unwrap() ^= 1;
            assert!(open(PLACE, &changed).is_err());
            for length in 0..sealed.len() {
                assert!(open(PLACE, &sealed[..length]).is_err());
            }
            let file = town.folder().join(KEY_FILE);
            assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
        })
        .unwrap();
    }

    #[test]
    fn a_column_keeps_some_values_sealed_and_others_in_clear() {
        on_both_engines(&[], |town| {
            town.commune
                .read_blocking(By::SYSTEM, |tx| {
                    let value = serde_json::json!({ "retour": "2026-07-20" });
                    let kept = tx.seal_json(PLACE, &value)?;
                    assert!(!kept.to_string().contains("retour"));
                    assert_eq!(tx.unseal_json::<Value>(PLACE, &kept)?, Some(value.clone()));
                    assert_eq!(tx.unseal_json::<Value>(PLACE, &value)?, None);
                    assert!(tx.unseal_json::<Value>(PLACE, &Value::from("00")).is_err());
                    assert!(tx.unseal_text(PLACE, "no hexadecimal").is_err());
                    Ok::<_, StoreError>(())
                })
                .unwrap();
        })
        .unwrap();
    }

    #[test]
    fn a_new_key_seals_and_the_old_one_still_opens() {
        on_both_engines(&[], |town| {
            let seal = || town.commune.read_blocking(By::SYSTEM, |tx| tx.seal(PLACE, b"soleil")).unwrap();
            let open = |sealed: &[u8]| town.commune.read_blocking(By::SYSTEM, |tx| tx.unseal(PLACE, sealed));
            let before = seal();
            let file = town.folder().join(KEY_FILE);
            let old = std::fs::read_to_string(&file).unwrap();

            // Another installation has another key.
            std::fs::write(&file, format!("{}\n", "ab".repeat(KEY))).unwrap();
            let elsewhere = Keys::in_folder(town.folder());
            assert!(elsewhere.marked(&before[1..=MARK]).unwrap().is_none());

            // An operator puts a new key before the old one.
            std::fs::write(&file, format!("{}\n{old}", "ab".repeat(KEY))).unwrap();
            assert_eq!(open(&before).unwrap(), b"soleil");
            let both = Keys::in_folder(town.folder());
            assert_eq!(both.first().unwrap().mark, elsewhere.first().unwrap().mark);
            assert!(both.marked(&before[1..=MARK]).unwrap().is_some());
        })
        .unwrap();
    }

    #[test]
    fn a_file_that_holds_no_key_is_told_and_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["", "short\n"] {
            std::fs::write(folder.path().join(KEY_FILE), text).unwrap();
            assert!(Keys::in_folder(folder.path()).first().is_err());
            assert_eq!(std::fs::read_to_string(folder.path().join(KEY_FILE)).unwrap(), text);
        }
    }
}
