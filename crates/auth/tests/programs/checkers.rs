//! Checkers as people write them.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::asked::program;

/// In C, as the interface says: reads descriptor 3 to its end, closes it, knows `brian` with `right`, becomes the user
/// 65534 in /tmp, sets USER, HOME and SHELL, and runs its words.
const IN_C: &str = r#"
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    char up[513];
    int n, len = 0;
    if (argc < 2) _exit(2);
    while ((n = read(3, up + len, sizeof up - len)) > 0) {
        len += n;
        if (len >= (int) sizeof up) _exit(1);
    }
    if (n < 0) _exit(2);
    close(3);
    char *password = memchr(up, 0, len);
    if (!password || !memchr(password + 1, 0, up + len - password - 1)) _exit(2);
    if (strcmp(up, "brian") || strcmp(password + 1, "right")) _exit(1);
    if (getuid() == 0) {
        gid_t gid = 65534;
        if (setgroups(1, &gid) || setgid(gid) || setuid(65534)) _exit(111);
    }
    if (chdir("/tmp")) _exit(111);
    setenv("USER", "brian", 1); setenv("HOME", "/tmp", 1); setenv("SHELL", "/bin/sh", 1);
    execvp(argv[1], argv + 1);
    _exit(111);
}
"#;

/// In Python: as the argument says, `rc` (response, challenge), `cr` (challenge, response), `yes` (takes any response) or
/// `none` (passwords alone); with APOP if `apop` comes behind.
const IN_PYTHON: &str = r#"
import hashlib, hmac, os, sys
fields = os.fdopen(3, 'rb').read().split(b'\0')
user, second, third = fields[0], fields[1], fields[2]
mode, words = sys.argv[1].split('+'), sys.argv[2:]
right = second == b'right' and third == b''
def cram(response, challenge):
    return 'yes' in mode and b'@' in challenge or hmac.new(b'right', challenge, 'md5').hexdigest().encode() == response
if third and ('rc' in mode or 'yes' in mode):
    right = right or cram(second, third)
if third and 'cr' in mode:
    right = right or cram(third, second)
if third and 'apop' in mode:
    right = right or hashlib.md5(third + b'right').hexdigest().encode() == second
if user != b'brian' or not right:
    sys.exit(1)
os.environ.update(USER='brian', HOME='/home/brian')
os.execvp(words[0], words)
"#;

/// Compiles the one in C.
pub(crate) fn in_c(dir: &Path) -> PathBuf {
    let (source, checker) = (dir.join("checker.c"), dir.join("checker"));
    std::fs::write(&source, IN_C).expect("written");
    let compiled = Command::new("cc").arg("-o").args([&checker, &source]).output().expect("a C compiler");
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    checker
}

/// The one in Python, ready to be named in a command.
pub(crate) fn in_python(dir: &Path) -> PathBuf {
    program(dir, "checker.py", IN_PYTHON)
}
