//! The map on which a place is shown: where it opens, where its tiles come from, and whose it is.

use beffroi_people::Town;
use beffroi_places::Point;
use beffroi_store::{Result, Tx};

/// What a page needs to show a map; without tiles there is none.
#[derive(Clone, Debug, Default)]
pub struct Map {
    /// Address of the tiles on this site; `""` for no map.
    pub tiles: &'static str,
    /// Where it opens, as `latitude,longitude`; `""` where the commune has no addresses.
    pub centre: String,
    /// Who made it.
    pub credit: String,
    /// Where that is said in full.
    pub credit_link: String,
}

impl Map {
    /// The commune's map.
    pub fn load(tx: &mut Tx<'_>, town: &Town) -> Result<Self> {
        if town.map_tiles.is_none() {
            return Ok(Self::default());
        }
        let centre = beffroi_places::centre(tx)?.map(written).unwrap_or_default();
        Ok(Self {
            tiles: "/tuiles/{z}/{x}/{y}.png",
            centre,
            credit: town.map_credit.clone(),
            credit_link: town.map_credit_link.clone(),
        })
    }
}

/// A point in degrees.
fn written(point: Point) -> String {
    let degrees = |millionths: i64| {
        let sign = if millionths < 0 { "-" } else { "" };
        let millionths = millionths.unsigned_abs();
        format!("{sign}{}.{:06}", millionths / 1_000_000, millionths % 1_000_000)
    };
    format!("{},{}", degrees(point.lat), degrees(point.lon))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_written_in_degrees() {
        assert_eq!(written(Point { lat: 43_674_200, lon: 4_130_000 }), "43.674200,4.130000");
        assert_eq!(written(Point { lat: -21_115_141, lon: -500 }), "-21.115141,-0.000500");
    }
}
