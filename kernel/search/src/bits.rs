//! A set of documents within one block of consecutive numbers: a list while it is small, a bitmap when it is full.

use beffroi_store::StoreError;

/// How many numbers a block holds.
pub(crate) const BLOCK: i64 = 8_192;
const WORDS: usize = 128;
/// Up to so many, a list is shorter than the bitmap.
const LISTED_AT_MOST: usize = 500;
const LIST: u8 = 0;
const BITMAP: u8 = 1;

/// The block that a document lies in, and its place there.
pub(crate) fn place(doc: i64) -> (i64, u16) {
    (doc.div_euclid(BLOCK), u16::try_from(doc.rem_euclid(BLOCK)).unwrap_or_default())
}

/// A set of places in one block.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Bits(Box<[u64; WORDS]>);

impl Default for Bits {
    fn default() -> Self {
        Self(Box::new([0; WORDS]))
    }
}

impl Bits {
    fn at(place: u16) -> (usize, u64) {
        (usize::from(place >> 6), 1 << (place & 63))
    }

    pub(crate) fn insert(&mut self, place: u16) {
        let (word, bit) = Self::at(place);
        if let Some(word) = self.0.get_mut(word) {
            *word |= bit;
        }
    }

    pub(crate) fn remove(&mut self, place: u16) {
        let (word, bit) = Self::at(place);
        if let Some(word) = self.0.get_mut(word) {
            *word &= !bit;
        }
    }

    pub(crate) fn or(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0.iter()).for_each(|(mine, its)| *mine |= its);
    }

    pub(crate) fn and(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0.iter()).for_each(|(mine, its)| *mine &= its);
    }

    pub(crate) fn without(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0.iter()).for_each(|(mine, its)| *mine &= !its);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The places, last first.
    pub(crate) fn latest(&self) -> impl Iterator<Item = u16> + '_ {
        self.0.iter().enumerate().rev().flat_map(|(word, bits)| {
            let base = u16::try_from(word << 6).unwrap_or_default();
            (0..64_u16).rev().filter(move |bit| bits >> bit & 1 == 1).map(move |bit| base | bit)
        })
    }

    /// How it is kept.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        if self.len() > LISTED_AT_MOST {
            let mut bytes = vec![BITMAP];
            bytes.extend(self.0.iter().flat_map(|word| word.to_le_bytes()));
            return bytes;
        }
        let mut places: Vec<u16> = self.latest().collect();
        places.reverse();
        let mut bytes = vec![LIST];
        bytes.extend(places.iter().flat_map(|place| place.to_le_bytes()));
        bytes
    }

    /// Reads what was kept.
    pub(crate) fn from_bytes(bytes: &[u8]) -> beffroi_store::Result<Self> {
        let corrupt = || StoreError::Corrupt("a set of the search index cannot be read".to_owned());
        let mut bits = Self::default();
        match bytes.split_first() {
            Some((&LIST, places)) => {
                for place in places.chunks(2) {
                    let place = u16::from_le_bytes(place.try_into().map_err(|_| corrupt())?);
                    bits.insert(place);
                }
            }
            Some((&BITMAP, words)) if words.len() == WORDS * 8 => {
                for (mine, word) in bits.0.iter_mut().zip(words.chunks(8)) {
                    *mine = u64::from_le_bytes(word.try_into().map_err(|_| corrupt())?);
                }
            }
            _ => return Err(corrupt()),
        }
        Ok(bits)
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::btree_set, prelude::*};

    use super::*;

    proptest! {
        #[test]
        fn what_is_kept_is_read_back(places in btree_set(0_u16..8_192, 0..1_200)) {
            let mut bits = Bits::default();
            for place in &places {
                bits.insert(*place);
            }
            let read = Bits::from_bytes(&bits.to_bytes()).unwrap();
            prop_assert_eq!(read.len(), places.len());
            prop_assert!(read.latest().eq(places.iter().rev().copied()));
        }
    }

    #[test]
    fn what_was_damaged_is_refused() {
        assert!(Bits::from_bytes(&[]).is_err());
        assert!(Bits::from_bytes(&[LIST, 1]).is_err());
        assert!(Bits::from_bytes(&[BITMAP, 0]).is_err());
        assert!(Bits::from_bytes(&[7]).is_err());
    }
}
