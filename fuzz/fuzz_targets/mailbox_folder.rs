//! Folder names to directories and back: what is kept under a name is found under it.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(directory) = mailbox::folder_directory(text) {
        assert!(directory.is_ascii() && directory.len() <= 255 && !directory.contains('/'));
        let name = mailbox::directory_folder(&directory).expect("our own directories are folders");
        assert_eq!(mailbox::folder_directory(&name).expect("and have names"), directory);
    }
    if let Some(name) = mailbox::directory_folder(text) {
        assert!(!name.split('/').any(str::is_empty));
    }
});
