//! Named arrays with units and axes.

use crate::source::write_aside;
use crate::{Error, Result};
use hdf5::types::VarLenUnicode;
use ndarray::{Array1, ArrayD};
use std::path::Path;

/// A named array with unit and axes.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// Path inside the file, `spectra/sub-01/baseline/psd`.
    pub name: String,
    /// The values.
    pub values: ArrayD<f64>,
    /// Their unit.
    pub unit: String,
    /// One name per dimension.
    pub axes: Vec<String>,
    /// Labels along an axis: (axis number, labels).
    pub labels: Vec<(usize, Vec<String>)>,
    /// Further text attributes.
    pub attributes: Vec<(String, String)>,
}

/// Writes datasets into one HDF5 file, whole or not at all; `root` are attributes of the file.
///
/// Each dataset has the text attributes `unit` and `axes` (names joined by commas); labels along an axis stand beside
/// it as a text dataset `NAME_AXIS`. Chunked, gzip, readable by HDF5 1.8 and later.
///
/// # Errors
/// [`Error::Write`] with HDF5's reason, [`Error::Io`] from the disk.
///
/// ```no_run
/// use dosewave_io::store::{Dataset, write_datasets};
/// let psd = Dataset {
///     name: "spectra/baseline/psd".into(),
///     values: ndarray::ArrayD::zeros(vec![2, 100]),
///     unit: "µV²/Hz".into(),
///     axes: vec!["channel".into(), "freq".into()],
///     labels: vec![(0, vec!["Fz".into(), "Cz".into()])],
///     attributes: vec![],
/// };
/// write_datasets("results.h5".as_ref(), &[("title".into(), "a study".into())], &[psd])?;
/// # Ok::<(), dosewave_io::Error>(())
/// ```
pub fn write_datasets(path: &Path, root: &[(String, String)], datasets: &[Dataset]) -> Result<()> {
    write_aside(path, |aside| {
        let fill = || -> hdf5::Result<()> {
            let file = hdf5::FileBuilder::new().with_fapl(|fapl| fapl.libver_v18()).create(aside)?;
            for (name, value) in root {
                text_attribute(&file, name, value)?;
            }
            for dataset in datasets {
                write_one(&file, dataset)?;
            }
            file.flush()?;
            file.close()
        };
        fill().map_err(|e| Error::Write { file: path.to_owned(), format: "HDF5", what: e.to_string() })
    })
}

fn write_one(file: &hdf5::Group, dataset: &Dataset) -> hdf5::Result<()> {
    let (folder, name) = dataset.name.rsplit_once('/').unwrap_or(("", &dataset.name));
    let group = group(file, folder)?;
    let builder = group.new_dataset_builder().with_data(&dataset.values);
    let written = if dataset.values.is_empty() || dataset.values.ndim() == 0 {
        builder.create(name)?
    } else {
        builder.deflate(4).create(name)?
    };
    text_attribute(&written, "unit", &dataset.unit)?;
    text_attribute(&written, "axes", &dataset.axes.join(","))?;
    for (key, value) in &dataset.attributes {
        text_attribute(&written, key, value)?;
    }
    for (axis, labels) in &dataset.labels {
        let axis = dataset.axes.get(*axis).map_or("labels", String::as_str);
        text_dataset(&group, &format!("{name}_{axis}"), labels)?;
    }
    Ok(())
}

/// The group at a path, made where it is missing.
fn group(file: &hdf5::Group, path: &str) -> hdf5::Result<hdf5::Group> {
    let mut group = file.clone();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        group = if group.link_exists(part) { group.group(part)? } else { group.create_group(part)? };
    }
    Ok(group)
}

pub(crate) fn text_attribute(location: &hdf5::Location, name: &str, value: &str) -> hdf5::Result<()> {
    location.new_attr::<VarLenUnicode>().create(name)?.write_scalar(&unicode(value))
}

pub(crate) fn text_dataset(group: &hdf5::Group, name: &str, values: &[String]) -> hdf5::Result<()> {
    let values: Array1<VarLenUnicode> = values.iter().map(|v| unicode(v)).collect();
    group.new_dataset_builder().with_data(&values).create(name)?;
    Ok(())
}

/// Text without NUL, at which HDF5 would end it.
pub(crate) fn unicode(text: &str) -> VarLenUnicode {
    text.replace('\0', " ").parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn values_units_axes_and_labels_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.h5");
        let values = array![[1.0, 2.5], [-3.0, f64::MIN_POSITIVE]].into_dyn();
        let dataset = Dataset {
            name: "spectra/sub-01/psd".into(),
            values: values.clone(),
            unit: "µV²/Hz".into(),
            axes: vec!["channel".into(), "freq".into()],
            labels: vec![(0, vec!["Fz".into(), "Cz".into()])],
            attributes: vec![("window".into(), "baseline".into())],
        };
        let empty = Dataset {
            name: "nothing".into(),
            values: ArrayD::zeros(vec![0]),
            labels: vec![],
            ..dataset.clone()
        };
        write_datasets(&path, &[("title".into(), "tést".into())], &[dataset, empty]).unwrap();
        let file = hdf5::File::open(&path).unwrap();
        let psd = file.dataset("spectra/sub-01/psd").unwrap();
        assert_eq!(psd.read_dyn::<f64>().unwrap(), values);
        let text = |name: &str| psd.attr(name).unwrap().read_scalar::<VarLenUnicode>().unwrap().to_string();
        assert_eq!(
            (text("unit").as_str(), text("axes").as_str(), text("window").as_str()),
            ("µV²/Hz", "channel,freq", "baseline")
        );
        let labels = file.dataset("spectra/sub-01/psd_channel").unwrap().read_1d::<VarLenUnicode>().unwrap();
        assert_eq!(labels.iter().map(hdf5::types::VarLenUnicode::as_str).collect::<Vec<_>>(), ["Fz", "Cz"]);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
