//! What conditions can compute beyond CEL's own: days, months, years, hours. Days are texts of the form
//! `2026-05-15`, times `18:30`; texts of that form compare as the days do.

use std::sync::Arc;

use beffroi_core::Day;
use cel::{Context, DeclarationError, ExecutionError, Value};
use chrono::{Datelike, Days, Months, NaiveTime};

use crate::types::Type;

/// Name, what it takes, what it gives.
pub(crate) const FUNCTIONS: &[(&str, &[Type], Type)] = &[
    ("days_between", &[Type::Text, Type::Text], Type::Int),
    ("years_between", &[Type::Text, Type::Text], Type::Int),
    ("hours_between", &[Type::Text, Type::Text, Type::Text, Type::Text], Type::Int),
    ("add_days", &[Type::Text, Type::Int], Type::Text),
    ("add_months", &[Type::Text, Type::Int], Type::Text),
    ("weekday", &[Type::Text], Type::Int),
];

/// Teaches these functions to a context.
pub(crate) fn declare(context: &mut Context<'_, '_>) -> Result<(), DeclarationError> {
    context.add_function("days_between", |from: Arc<String>, to: Arc<String>| {
        Ok::<_, ExecutionError>((day("days_between", &to)? - day("days_between", &from)?).num_days())
    })?;
    context.add_function("years_between", |from: Arc<String>, to: Arc<String>| {
        years(day("years_between", &from)?, day("years_between", &to)?)
    })?;
    context.add_function(
        "hours_between",
        |from: Arc<String>, at: Arc<String>, to: Arc<String>, till: Arc<String>| {
            let start = day("hours_between", &from)?.and_time(time(&at)?);
            let end = day("hours_between", &to)?.and_time(time(&till)?);
            // Begun hours count as whole: a stand of 48 h 05 lasts longer than 48 hours.
            let minutes = (end - start).num_minutes();
            Ok::<_, ExecutionError>(minutes.div_euclid(60) + i64::from(minutes.rem_euclid(60) > 0))
        },
    )?;
    context.add_function("add_days", |from: Arc<String>, count: i64| {
        let from = day("add_days", &from)?;
        let to = match u64::try_from(count) {
            Ok(count) => from.checked_add_days(Days::new(count)),
            Err(_) => from.checked_sub_days(Days::new(count.unsigned_abs())),
        };
        written("add_days", to)
    })?;
    context.add_function("add_months", |from: Arc<String>, count: i64| {
        let from = day("add_months", &from)?;
        let months = Months::new(u32::try_from(count.unsigned_abs()).unwrap_or(u32::MAX));
        written(
            "add_months",
            if count < 0 { from.checked_sub_months(months) } else { from.checked_add_months(months) },
        )
    })?;
    context.add_function("weekday", |of: Arc<String>| {
        Ok::<_, ExecutionError>(i64::from(day("weekday", &of)?.weekday().number_from_monday()))
    })
}

fn years(from: Day, to: Day) -> Result<i64, ExecutionError> {
    to.years_since(from)
        .map(i64::from)
        .ok_or_else(|| ExecutionError::function_error("years_between", "the second day comes first"))
}

fn day(function: &str, text: &str) -> Result<Day, ExecutionError> {
    text.parse().map_err(|_| ExecutionError::function_error(function, "not a day"))
}

fn time(text: &str) -> Result<NaiveTime, ExecutionError> {
    NaiveTime::parse_from_str(text, "%H:%M")
        .map_err(|_| ExecutionError::function_error("hours_between", "not a time"))
}

fn written(function: &str, day: Option<Day>) -> Result<Value, ExecutionError> {
    day.map(|day| Value::from(day.to_string()))
        .ok_or_else(|| ExecutionError::function_error(function, "beyond the calendar"))
}
