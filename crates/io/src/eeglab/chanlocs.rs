//! Channels with their kinds and places.
//!
//! EEGLAB's axes are x towards the nose, y towards the left ear, z up (`chaninfo.nosedir` says when the nose points
//! elsewhere); ours are x right, y front, z up. EEGLAB names no unit, so it is found from the electrodes' typical
//! distance from the centre: a head in metres, centimetres or millimetres, or a sphere of radius 1, which is what EEGLAB
//! makes of angles and which is given our radius of 0.095 m.

use super::mat5_tag::FORMAT;
use super::value::{Struct, Value};
use dosewave_eeg::{Channel, ChannelKind, Note};

/// Radius that a sphere of radius 1 is given, metres.
const HEAD_M: f64 = 0.095;
/// Unit of what no voltage is known of.
const NO_UNIT: &str = "n/a";

/// The first `n` channels of `EEG.chanlocs`, and what was odd.
pub(crate) fn channels(chanlocs: Option<&Value>, nose: Option<&str>, n: usize) -> (Vec<Channel>, Vec<Note>) {
    let none = Struct::default();
    let (all, mut notes) = match chanlocs {
        Some(Value::Struct(all)) => (all, Vec::new()),
        _ => (&none, Vec::new()),
    };
    if all.elements.len() != n {
        let text = match all.elements.len() {
            0 => format!(
                "no channel has a name (EEG.chanlocs is empty); they are called EEG 000 to EEG {:03}",
                n.saturating_sub(1)
            ),
            found => {
                format!("EEG.chanlocs has {found} entries for {n} channels, which are taken in their order")
            }
        };
        notes.push(Note::warning(FORMAT, text));
    }
    let mut channels: Vec<Channel> = (0..n).map(|i| channel(all, i)).collect();
    let places: Vec<Option<[f64; 3]>> = (0..n).map(|i| place(all, i)).collect();
    if let Some(note) = give_places(&mut channels, &places, nose) {
        notes.push(note);
    }
    (channels, notes)
}

fn channel(all: &Struct, i: usize) -> Channel {
    let name = all.get(i, "labels").and_then(Value::label).unwrap_or_else(|| format!("EEG {i:03}"));
    let mut channel = Channel::from_name(&name);
    if let Some(kind) = all.get(i, "type").and_then(Value::text).and_then(kind) {
        channel.kind = kind;
    }
    if matches!(channel.kind, ChannelKind::Trig | ChannelKind::Misc) {
        channel.unit = NO_UNIT.into();
    }
    channel
}

/// The kind that a type names; `None` for words that say nothing more than the label does.
fn kind(text: &str) -> Option<ChannelKind> {
    Some(match text.to_ascii_uppercase().as_str() {
        "EEG" => ChannelKind::Eeg,
        "EOG" | "VEOG" | "HEOG" => ChannelKind::Eog,
        "ECG" | "EKG" => ChannelKind::Ecg,
        "EMG" => ChannelKind::Emg,
        "TRIG" | "TRIGGER" | "STIM" | "STATUS" | "EVENT" => ChannelKind::Trig,
        "MISC" | "MEG" | "FID" | "GSR" | "RESP" | "TEMP" | "AUX" | "AUDIO" | "PPG" | "ACC" => {
            ChannelKind::Misc
        }
        _ => return None,
    })
}

/// A place in EEGLAB's axes and unit: from X, Y, Z, else from the spherical, else from the polar angles.
fn place(all: &Struct, i: usize) -> Option<[f64; 3]> {
    let number = |field: &str| all.get(i, field).and_then(Value::number).filter(|v| v.is_finite());
    if let (Some(x), Some(y), Some(z)) = (number("X"), number("Y"), number("Z")) {
        return Some([x, y, z]);
    }
    if let (Some(theta), Some(phi)) = (number("sph_theta"), number("sph_phi")) {
        return Some(on_sphere(theta, phi, number("sph_radius").unwrap_or(1.0)));
    }
    // of a head seen from above: degrees from the nose to the right, and 0.5 at the equator
    let (theta, radius) = (number("theta")?, number("radius")?);
    Some(on_sphere(-theta, (0.5 - radius) * 180.0, 1.0))
}

/// From degrees: azimuth from the nose to the left, elevation from the equator.
fn on_sphere(theta: f64, phi: f64, radius: f64) -> [f64; 3] {
    let (theta, phi) = (theta.to_radians(), phi.to_radians());
    [radius * phi.cos() * theta.cos(), radius * phi.cos() * theta.sin(), radius * phi.sin()]
}

/// Gives channels their places; those without one keep the built-in place of their label.
fn give_places(channels: &mut [Channel], places: &[Option<[f64; 3]>], nose: Option<&str>) -> Option<Note> {
    let mut radii: Vec<f64> =
        places.iter().flatten().map(|[x, y, z]| x.hypot(*y).hypot(*z)).filter(|r| *r > 0.0).collect();
    radii.sort_unstable_by(f64::total_cmp);
    let radius = *radii.get(radii.len() / 2)?;
    let Some(metres) = metres_per_unit(radius) else {
        let text = format!(
            "the electrodes lie {radius:.3} from the centre, which is no head in m, cm or mm and no sphere of radius 1: \
             their places are not used"
        );
        return Some(Note::warning(FORMAT, text));
    };
    for (channel, place) in channels.iter_mut().zip(places) {
        if let Some(place) = place {
            channel.position = Some(our_axes(*place, nose).map(|v| v * metres));
        }
    }
    None
}

/// The unit of places by the electrodes' median distance from the centre.
fn metres_per_unit(radius: f64) -> Option<f64> {
    match radius {
        0.04..0.2 => Some(1.0),
        0.5..2.0 => Some(HEAD_M),
        4.0..20.0 => Some(0.01),
        40.0..200.0 => Some(0.001),
        _ => None,
    }
}

/// x right, y front, z up from x, y, z whose nose points along `nose`.
fn our_axes([x, y, z]: [f64; 3], nose: Option<&str>) -> [f64; 3] {
    match nose {
        Some("+Y") => [x, y, z],
        Some("-X") => [y, -x, z],
        Some("-Y") => [-x, -y, z],
        _ => [-y, x, z],
    }
}

#[cfg(test)]
mod tests {
    use super::super::value::Numbers;
    use super::*;

    fn number(value: f64) -> Value {
        Value::Numbers(Numbers { dims: vec![1, 1], values: vec![value] })
    }

    fn locs(fields: &[&str], rows: Vec<Vec<Value>>) -> Value {
        Value::Struct(Struct { fields: fields.iter().map(ToString::to_string).collect(), elements: rows })
    }

    fn at(fields: &[&str], values: &[f64], nose: Option<&str>) -> Option<[f64; 3]> {
        let row = values.iter().map(|v| number(*v)).collect();
        let (channels, _) = channels(Some(&locs(fields, vec![row])), nose, 1);
        channels[0].position
    }

    fn close(found: Option<[f64; 3]>, expected: [f64; 3]) {
        let found = found.unwrap();
        assert!(found.iter().zip(expected).all(|(f, e)| (f - e).abs() < 1e-12), "{found:?} {expected:?}");
    }

    #[test]
    fn the_left_ear_is_left_in_every_way_of_writing_it() {
        let left = [-HEAD_M, 0.0, 0.0];
        close(at(&["X", "Y", "Z"], &[0.0, 1.0, 0.0], None), left);
        close(at(&["X", "Y", "Z"], &[0.0, 95.0, 0.0], Some("+X")), left);
        close(at(&["X", "Y", "Z"], &[-0.095, 0.0, 0.0], Some("+Y")), left);
        close(at(&["X", "Y", "Z"], &[0.0, -9.5, 0.0], Some("-X")), left);
        close(at(&["X", "Y", "Z"], &[9.5, 0.0, 0.0], Some("-Y")), left);
        close(at(&["sph_theta", "sph_phi"], &[90.0, 0.0], None), left);
        close(at(&["theta", "radius"], &[-90.0, 0.5], None), left);
        close(at(&["theta", "radius"], &[0.0, 0.0], None), [0.0, 0.0, HEAD_M]);
    }

    #[test]
    fn a_distance_that_is_no_head_is_not_used() {
        let row = vec![Value::Text("Cz".into()), number(0.0), number(0.0), number(3000.0)];
        let (channels, notes) = channels(Some(&locs(&["labels", "X", "Y", "Z"], vec![row])), None, 1);
        assert_eq!(channels[0].position, Channel::from_name("Cz").position);
        assert!(notes[0].text.contains("3000.000 from the centre"), "{notes:?}");
    }

    #[test]
    fn kinds_by_type_then_by_name_and_names_for_the_nameless() {
        let text = |t: &str| Value::Text(t.into());
        let rows = vec![
            vec![text("FPz"), text("EOG")],
            vec![text("EOG1"), text("")],
            vec![number(7.0), text("trigger")],
        ];
        let (channels, notes) = channels(Some(&locs(&["labels", "type"], rows)), None, 4);
        let found: Vec<_> = channels.iter().map(|c| (c.name.as_str(), c.kind, c.unit.as_str())).collect();
        assert_eq!(
            found,
            [
                ("FPz", ChannelKind::Eog, "µV"),
                ("EOG1", ChannelKind::Eog, "µV"),
                ("7", ChannelKind::Trig, "n/a"),
                ("EEG 003", ChannelKind::Eeg, "µV")
            ]
        );
        assert!(notes[0].text.contains("3 entries for 4 channels"), "{notes:?}");
    }
}
