//! The computed holidays against the State's open data, day by day, where that data is at hand.

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use beffroi_core::{Day, calendar::Holidays};

    const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/calendrier");

    /// Every day of the file's years is a holiday for us exactly when it is one for the State.
    fn compare(holidays: Holidays, file: &str) {
        let path = Path::new(FOLDER).join(file);
        let Ok(text) = fs::read_to_string(&path) else {
            println!("skipped: {file} is not at hand ({FOLDER})");
            return;
        };
        let published: BTreeSet<Day> =
            text.lines().skip(1).map(|line| line.split(',').next().unwrap().parse().unwrap()).collect();
        let (first, last) = (published.first().unwrap(), published.last().unwrap());
        assert!(published.len() > 100, "{file} holds only {} days", published.len());
        let computed: BTreeSet<Day> = first
            .iter_days()
            .take_while(|day| day <= last)
            .filter(|day| holidays.holiday(*day).is_some())
            .collect();
        assert_eq!(computed, published);
        println!("{} days of {file} agree", computed.len());
    }

    #[test]
    fn the_holidays_of_metropole_are_those_that_the_state_publishes() {
        compare(Holidays::Metropole, "jours-feries-metropole.csv");
    }

    #[test]
    fn the_holidays_of_alsace_moselle_are_those_that_the_state_publishes() {
        compare(Holidays::AlsaceMoselle, "jours-feries-alsace-moselle.csv");
    }
}
