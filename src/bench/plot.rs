//! A picture: latency percentiles against the rate.

use super::report;
use super::verdict::Measured;
use plotters::prelude::*;
use std::time::Duration;

const SIZE: (u32, u32) = (900, 540);

/// The curves: name, percentile, colour. Colours that stay apart in the common kinds of colour
/// blindness.
const CURVES: &[(&str, f64, RGBColor)] = &[
    ("p50", 50.0, RGBColor(0, 114, 178)),
    ("p90", 90.0, RGBColor(0, 158, 115)),
    ("p99", 99.0, RGBColor(213, 94, 0)),
    ("p99.9", 99.9, RGBColor(204, 121, 167)),
    ("max", 100.0, RGBColor(120, 120, 120)),
];

/// `rates` as an SVG picture, with a line at `limit`. The latency stands on a logarithmic scale:
/// where a server is overloaded it grows a thousandfold.
///
/// # Errors
/// When it cannot be drawn.
pub fn svg(rates: &[Measured], limit: Option<Duration>) -> Result<String, String> {
    let answered = |one: &&Measured| one.tally.has_latencies();
    let mut rates: Vec<_> = rates.iter().filter(answered).collect();
    rates.sort_by(|one, other| one.rate.total_cmp(&other.rate));
    let mut picture = String::new();
    draw(&rates, limit, &mut picture).map_err(|error| error.to_string())?;
    Ok(picture)
}

type Error<'a> = DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>;

fn draw<'a>(
    rates: &[&Measured],
    limit: Option<Duration>,
    picture: &'a mut String,
) -> Result<(), Error<'a>> {
    let area = SVGBackend::with_string(picture, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let mut low: f64 = limit.map_or(1.0, millis);
    let mut high: f64 = low;
    for one in rates {
        low = low.min(millis(one.tally.percentile(50.0)));
        high = high.max(millis(one.tally.max()));
    }
    let first = rates.first().map_or(0.0, |one| one.rate);
    let last = rates.last().map_or(1.0, |one| one.rate);
    // One rate alone would be a width of nothing.
    let left = if rates.len() > 1 { first } else { 0.0 };
    let mut chart = ChartBuilder::on(&area)
        .caption("latency from due to answered", ("sans-serif", 20))
        .margin(12)
        .x_label_area_size(44)
        .y_label_area_size(70)
        .build_cartesian_2d(left..last, (low * 0.8..high * 1.25).log_scale())?;
    chart
        .configure_mesh()
        .x_desc("requests a second")
        .x_label_formatter(&|rate| report::number(*rate))
        .y_label_formatter(&|latency| label(*latency))
        .light_line_style(WHITE)
        .bold_line_style(BLACK.mix(0.12))
        .draw()?;
    for (name, percent, colour) in CURVES {
        let points = rates
            .iter()
            .map(|one| (one.rate, millis(one.tally.percentile(*percent))));
        chart
            .draw_series(LineSeries::new(points, colour.stroke_width(2)).point_size(3))?
            .label(*name)
            .legend(|(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
    }
    if let Some(limit) = limit {
        let height = millis(limit);
        let line = LineSeries::new([(left, height), (last, height)], BLACK.mix(0.5));
        chart
            .draw_series(line)?
            .label(format!("limit of p99: {}", report::duration(limit)))
            .legend(|(x, y)| PathElement::new([(x, y), (x + 18, y)], BLACK.mix(0.5)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE.mix(0.85))
        .border_style(BLACK.mix(0.2))
        .draw()?;
    area.present()
}

fn millis(duration: Duration) -> f64 {
    // The resolution of what was measured; a logarithm needs more than nothing.
    duration.as_secs_f64().max(1e-6) * 1e3
}

fn label(millis: f64) -> String {
    report::duration(Duration::from_secs_f64(millis / 1e3))
}
