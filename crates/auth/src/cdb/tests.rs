use std::process::{Command, Stdio};

use proptest::prelude::*;

use super::*;

/// Keys and values.
type Records = Vec<(Vec<u8>, Vec<u8>)>;

/// Writes one, as `cdbmake` does.
fn write(records: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let number = |n: usize| u32::try_from(n).expect("small").to_le_bytes();
    let mut file = vec![0; 2048];
    let mut tables = vec![Vec::new(); 256];
    for (key, value) in records {
        let hash = hash(key);
        tables[hash as usize % 256].push((hash, file.len()));
        for part in [&number(key.len())[..], &number(value.len()), key, value] {
            file.extend_from_slice(part);
        }
    }
    for (n, table) in tables.iter().enumerate() {
        let slots = table.len() * 2;
        let mut rows = vec![(0, 0); slots];
        for (hash, position) in table {
            let first = (hash >> 8) as usize % slots;
            let free = (0..slots).map(|n| (first + n) % slots).find(|n| rows[*n].1 == 0).expect("half are free");
            rows[free] = (*hash, *position);
        }
        let header = [number(file.len()), number(slots)].concat();
        file[n * 8..n * 8 + 8].copy_from_slice(&header);
        rows.iter().for_each(|(hash, position)| file.extend([hash.to_le_bytes(), number(*position)].concat()));
    }
    file
}

fn of(file: &[u8]) -> Result<Cdb<&[u8]>, CdbError> {
    Cdb::new(file, file.len() as u64)
}

fn all(cdb: &Cdb<&[u8]>) -> Result<Records, CdbError> {
    let mut records = Vec::new();
    cdb.each(|key, value| {
        records.push((key.to_vec(), value.to_vec()));
        true
    })?;
    Ok(records)
}

proptest! {
    /// Write, then read: every key has its first value, and all records come in order.
    #[test]
    fn what_was_written_is_read(records: Records, other: Vec<u8>) {
        let file = write(&records);
        let cdb = of(&file).expect("a cdb");
        let first = |key: &[u8]| records.iter().find(|(known, _)| known == key).map(|(_, value)| value.clone());
        for (key, _) in &records {
            prop_assert_eq!(cdb.get(key).expect("no damage"), first(key));
        }
        prop_assert_eq!(cdb.get(&other).expect("no damage"), first(&other));
        prop_assert_eq!(all(&cdb).expect("no damage"), records);
    }

    /// Cut off and with any octets changed: an answer or an error, no panic, no endless loop.
    #[test]
    fn damage_does_no_harm(
        records in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..8), any::<Vec<u8>>()), 0..8),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..40),
        cut: prop::sample::Index,
        whole: bool,
    ) {
        let mut file = write(&records);
        changes.iter().for_each(|(at, octet)| { let at = at.index(file.len()); file[at] = *octet; });
        if !whole {
            file.truncate(cut.index(file.len()));
        }
        if let Ok(cdb) = of(&file) {
            let _ = all(&cdb);
            records.iter().for_each(|(key, _)| drop(cdb.get(key)));
        }
    }
}

/// Debian's `cdbmake` and `cdb` (tinycdb) write what we read.
#[test]
fn files_of_other_programs() {
    let dir = tempfile::tempdir().expect("a folder");
    let records: Vec<_> = (0..500).map(|n| (format!("!d{n}-"), format!("d{n}\0{n}\0/home/{n}\0-\0"))).collect();
    let mut text = String::new();
    for (key, value) in &records {
        text.push_str(&format!("+{},{}:{key}->{value}\n", key.len(), value.len()));
    }
    text.push('\n');
    let input = dir.path().join("input");
    std::fs::write(&input, text).expect("written");
    for arguments in [&["cdbmake", "freecdb", "tmp"][..], &["cdb", "-c", "tinycdb"]] {
        let done = Command::new(arguments[0])
            .args(&arguments[1..])
            .current_dir(dir.path())
            .stdin(Stdio::from(File::open(&input).expect("input")))
            .status();
        assert!(done.expect("freecdb and tinycdb are installed").success());
    }
    for name in ["freecdb", "tinycdb"] {
        let file = File::open(dir.path().join(name)).expect("made");
        let length = file.metadata().expect("a length").len();
        let cdb = Cdb::new(file, length).expect("a cdb");
        for (key, value) in &records {
            assert_eq!(cdb.get(key.as_bytes()).expect("read").as_deref(), Some(value.as_bytes()), "{name} {key}");
        }
        assert_eq!(cdb.get(b"!none-").expect("read"), None);
        let mut count = 0;
        cdb.each(|_, _| {
            count += 1;
            true
        })
        .expect("read");
        assert_eq!(count, records.len());
    }
}

/// A file that becomes shorter while it is open is an error, not a signal.
#[test]
fn a_file_that_is_cut_off_meanwhile() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("cdb");
    std::fs::write(&path, write(&[(b"a".to_vec(), b"b".to_vec())])).expect("written");
    let file = File::options().read(true).write(true).open(&path).expect("opened");
    let cdb = Cdb::new(file.try_clone().expect("again"), file.metadata().expect("a length").len()).expect("a cdb");
    assert_eq!(cdb.get(b"a").expect("read").as_deref(), Some(&b"b"[..]));
    file.set_len(2050).expect("cut off");
    assert!(matches!(cdb.get(b"a"), Err(CdbError::Io(_))));
}
