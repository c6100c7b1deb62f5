//! Reading an address file (Base adresse locale, versions 1.1 to 1.5): any of its usual encodings,
//! separators and column names; every faulty line is told.

use std::collections::HashMap;

use csv::{ReaderBuilder, StringRecord, Trim};
use serde::Serialize;

use crate::{Point, text};

/// Faults told at once; the rest of a very wrong file would not help anybody.
const FAULTS_TOLD: usize = 100;
/// The number that says "the whole street".
const WHOLE_STREET: u32 = 99_999;
/// What the bytes 0x80 to 0x9F mean in Windows-1252; the others mean what they mean in Unicode.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}',
    '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// What is wrong with one line of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LineError {
    /// The line, from 1 (the line of column names).
    pub line: u64,
    /// What is wrong, in French, for the person who made the file.
    pub message: String,
}

/// A street as the file tells it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct StreetKey {
    pub(crate) insee: String,
    pub(crate) name: String,
    pub(crate) locality: String,
}

/// What the file says of one street.
#[derive(Debug, Default)]
pub(crate) struct Street {
    pub(crate) city: String,
    pub(crate) point: Option<Point>,
    /// By number and suffix.
    pub(crate) addresses: HashMap<(u32, String), Place>,
}

/// Where one address is, and whether that is its entrance.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) point: Option<Point>,
    entrance: bool,
}

/// The streets of a file, in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct File {
    ranks: HashMap<StreetKey, usize>,
    pub(crate) streets: Vec<(StreetKey, Street)>,
}

/// The text of a file, whatever encoding it has.
fn decode(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_or_else(
        |_| {
            let letter = |byte: &u8| match byte {
                0x80..=0x9F => WINDOWS_1252.get(usize::from(byte - 0x80)).copied().unwrap_or('\u{fffd}'),
                _ => char::from(*byte),
            };
            bytes.iter().map(letter).collect()
        },
        str::to_owned,
    )
}

/// Where the columns are. Old files made through dBase cut names at ten letters.
struct Columns {
    street: usize,
    number: usize,
    suffix: Option<usize>,
    insee: Option<usize>,
    key: Option<usize>,
    city: Option<usize>,
    locality: Option<usize>,
    position: Option<usize>,
    lon: Option<usize>,
    lat: Option<usize>,
}

impl Columns {
    fn find(header: &StringRecord) -> Result<Self, Vec<LineError>> {
        let rank = |names: &[&str]| {
            header.iter().position(|column| names.iter().any(|name| column.trim().eq_ignore_ascii_case(name)))
        };
        let missing =
            |name: &str| LineError { line: 1, message: format!("il manque la colonne « {name} »") };
        let street = rank(&["toponyme", "voie_nom"]);
        let number = rank(&["numero"]);
        let insee = rank(&["commune_insee", "commune_in"]);
        let key = rank(&["cle_interop", "cle_intero"]);
        let mut faults = Vec::new();
        if street.is_none() {
            faults.push(missing("voie_nom » ou « toponyme"));
        }
        if number.is_none() {
            faults.push(missing("numero"));
        }
        if insee.is_none() && key.is_none() {
            faults.push(missing("commune_insee"));
        }
        let (Some(street), Some(number), true) = (street, number, faults.is_empty()) else {
            return Err(faults);
        };
        Ok(Self {
            street,
            number,
            suffix: rank(&["suffixe"]),
            insee,
            key,
            city: rank(&["commune_nom", "commune_no"]),
            locality: rank(&["lieudit_complement_nom", "lieudit_co"]),
            position: rank(&["position"]),
            lon: rank(&["long", "lon", "long_wgs84"]),
            lat: rank(&["lat", "lat_wgs84"]),
        })
    }
}

/// Reads a whole file, or tells what is wrong with it, line by line.
pub(crate) fn read(bytes: &[u8]) -> Result<File, Vec<LineError>> {
    let text = decode(bytes);
    let header = text.lines().next().unwrap_or_default();
    let separator = [b';', b'\t', b','].into_iter().find(|it| header.as_bytes().contains(it)).unwrap_or(b';');
    let mut reader = ReaderBuilder::new().delimiter(separator).trim(Trim::All).from_reader(text.as_bytes());
    let columns = match reader.headers() {
        Ok(header) => Columns::find(header)?,
        Err(_) => return Err(vec![LineError { line: 1, message: "le fichier ne se lit pas".to_owned() }]),
    };
    let mut file = File::default();
    let mut faults = Vec::new();
    for record in reader.records() {
        let fault = match record {
            Ok(record) => {
                let line = record.position().map_or(0, csv::Position::line);
                file.take(&columns, &record).err().map(|message| LineError { line, message })
            }
            Err(error) => Some(LineError {
                line: error.position().map_or(0, csv::Position::line),
                message: match error.kind() {
                    csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                        format!("{len} colonnes au lieu de {expected_len}")
                    }
                    _ => "la ligne ne se lit pas".to_owned(),
                },
            }),
        };
        faults.extend(fault);
        if faults.len() >= FAULTS_TOLD {
            break;
        }
    }
    if faults.is_empty() && file.streets.is_empty() {
        faults.push(LineError { line: 1, message: "le fichier ne contient aucune adresse".to_owned() });
    }
    if faults.is_empty() { Ok(file) } else { Err(faults) }
}

impl File {
    fn take(&mut self, columns: &Columns, record: &StringRecord) -> Result<(), String> {
        let cell = |rank: Option<usize>| rank.and_then(|rank| record.get(rank)).unwrap_or_default();
        let name = cell(Some(columns.street));
        if text::fold(name).is_empty() {
            return Err("le nom de la voie est vide".to_owned());
        }
        let number = cell(Some(columns.number));
        let number = number.parse::<u32>().ok().filter(|it| *it <= WHOLE_STREET).ok_or_else(|| {
            format!("le numéro « {number} » n’est pas un nombre entier de 0 à {WHOLE_STREET}")
        })?;
        let insee = match cell(columns.insee) {
            "" => cell(columns.key).split('_').next().unwrap_or_default(),
            code => code,
        }
        .to_ascii_uppercase();
        if !is_insee_code(&insee) {
            return Err(format!("« {insee} » n’est pas un code INSEE de commune"));
        }
        let point = point(cell(columns.lon), cell(columns.lat))?;
        let key = StreetKey { insee, name: name.to_owned(), locality: cell(columns.locality).to_owned() };
        let rank = *self.ranks.entry(key.clone()).or_insert(self.streets.len());
        if rank == self.streets.len() {
            self.streets.push((key, Street::default()));
        }
        let Some((_, street)) = self.streets.get_mut(rank) else { return Ok(()) };
        if street.city.is_empty() {
            cell(columns.city).clone_into(&mut street.city);
        }
        if number == WHOLE_STREET {
            street.point = street.point.or(point);
            return Ok(());
        }
        // One address may come several times, once for each position: its entrance says best where it is.
        let entrance = text::fold(cell(columns.position)) == "entree";
        let place = Place { point, entrance };
        let kept = street.addresses.entry((number, cell(columns.suffix).to_lowercase())).or_insert(place);
        if kept.point.is_none() || (entrance && !kept.entrance && point.is_some()) {
            *kept = place;
        }
        Ok(())
    }
}

fn is_insee_code(code: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    code.len() == 5
        && (digits(code) || ["2A", "2B"].iter().any(|corsica| code.strip_prefix(corsica).is_some_and(digits)))
}

fn point(lon: &str, lat: &str) -> Result<Option<Point>, String> {
    if lon.is_empty() || lat.is_empty() {
        return Ok(None);
    }
    let degrees = |text: &str, limit: f64| {
        text.replace(',', ".")
            .parse::<f64>()
            .ok()
            .filter(|it| it.abs() <= limit)
            .map(micro)
            .ok_or_else(|| format!("la coordonnée « {text} » n’est pas en degrés"))
    };
    Ok(Some(Point { lon: degrees(lon, 180.0)?, lat: degrees(lat, 90.0)? }))
}

#[expect(clippy::cast_possible_truncation, reason = "at most 180 000 000")]
fn micro(degrees: f64) -> i64 {
    (degrees * 1e6).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "cle_interop;commune_insee;voie_nom;numero;suffixe;commune_nom;position;long;lat\n";

    fn one(text: &str) -> (StreetKey, Street) {
        let mut file = read(text.as_bytes()).unwrap();
        assert_eq!(file.streets.len(), 1);
        file.streets.remove(0)
    }

    #[test]
    fn an_ordinary_line_is_read() {
        let (key, street) = one(&format!(
            "{HEADER}31591_xxxx_00009;31591;Rue des 3 Places;9; BIS ;Escoulis;entrée;1.028392;43.111637\n"
        ));
        assert_eq!((key.insee.as_str(), key.name.as_str()), ("31591", "Rue des 3 Places"));
        let place = street.addresses[&(9, "bis".to_owned())];
        assert_eq!(place.point, Some(Point { lon: 1_028_392, lat: 43_111_637 }));
    }

    #[test]
    fn files_of_any_origin_are_read_alike() {
        let windows = b"voie_nom;numero;commune_insee\r\nRue de l\x92\xC9glise;1;34145\r\n";
        let marked = "\u{feff}voie_nom,numero,commune_insee\nRue de l’Église,1,34145\n";
        let (a, b) = (read(windows).unwrap(), read(marked.as_bytes()).unwrap());
        assert_eq!(a.streets[0].0, b.streets[0].0);
        assert_eq!(a.streets[0].0.name, "Rue de l’Église");
    }

    #[test]
    fn the_entrance_says_where_an_address_is() {
        let (_, street) = one(&format!(
            "{HEADER}x;34145;Rue A;1;;Lunel;logement;4.0;43.0\nx;34145;Rue A;1;;Lunel;entrée;4.1;43.1\n\
             x;34145;Rue A;1;;Lunel;parcelle;4.2;43.2\n"
        ));
        assert_eq!(
            street.addresses[&(1, String::new())].point,
            Some(Point { lon: 4_100_000, lat: 43_100_000 })
        );
    }

    #[test]
    fn a_street_without_numbers_is_a_street() {
        let (_, street) = one(&format!("{HEADER}x;34145;Les Garrigues;99999;;Lunel;segment;4.0;43.0\n"));
        assert!(street.addresses.is_empty());
        assert!(street.point.is_some());
    }

    #[test]
    fn each_faulty_line_is_told_with_its_number() {
        let faults = read(
            format!(
                "{HEADER}x;34145;;1;;Lunel;;;\nx;34145;Rue A;douze;;Lunel;;;\nA7482_1;;Rue A;1;;Lunel;;;\n\
                 x;34145;Rue A;1;;Lunel;;790000.5;43\nx;34145;Rue A\nx;34145;Rue A;1;;Lunel;;;\n"
            )
            .as_bytes(),
        )
        .unwrap_err();
        assert_eq!(faults.iter().map(|it| it.line).collect::<Vec<_>>(), [2, 3, 4, 5, 6]);
        assert!(faults[1].message.contains("douze"));
    }

    #[test]
    fn a_file_of_another_kind_is_refused() {
        for file in ["", "gml_id,cli\n1,CLI 4\n", HEADER, "\u{0}\u{1}\u{2}"] {
            assert_eq!(read(file.as_bytes()).unwrap_err()[0].line, 1);
        }
    }
}
