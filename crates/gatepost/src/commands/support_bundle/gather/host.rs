//! The machine: kernel, distribution, size, clock (MISSION 002-33).

use std::fs;

use rustix::process::{Resource, geteuid, getrlimit};
use rustix::system::uname;

use super::super::bundle::Bundle;

/// Adds `system.txt`.
pub(super) fn add(bundle: &mut Bundle) {
    let mut text = String::new();
    let mut line = |name: &str, value: String| {
        text.push_str(&format!(
            "{name:<14} {value}
"
        ))
    };
    let name = uname();
    let (system, release) = (name.sysname().to_string_lossy(), name.release().to_string_lossy());
    line("kernel", format!("{system} {release} {}", name.version().to_string_lossy()));
    line("machine", name.machine().to_string_lossy().into_owned());
    line("distribution", distribution());
    line("processors", std::thread::available_parallelism().map_or_else(|error| error.to_string(), |n| n.to_string()));
    line("memory", of_meminfo("MemTotal:"));
    line("swap", of_meminfo("SwapTotal:"));
    line("time", format!("{:.0}", jiff::Timestamp::now()));
    line("user", format!("uid {}", geteuid().as_raw()));
    let files = getrlimit(Resource::Nofile);
    line("open files", format!("{:?} of {:?}", files.current, files.maximum));
    line(
        "started by",
        fs::read_to_string("/proc/1/comm").map_or_else(|error| error.to_string(), |name| name.trim().to_owned()),
    );
    bundle.add("system.txt", "kernel, distribution, size of the machine", None, &text);
}

fn distribution() -> String {
    let text = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let pretty = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    pretty.map_or_else(|| "not told (/etc/os-release)".to_owned(), |name| name.trim_matches('"').to_owned())
}

fn of_meminfo(key: &str) -> String {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let value = text.lines().find_map(|line| line.strip_prefix(key));
    value.map_or_else(|| "not told".to_owned(), |value| value.trim().to_owned())
}
