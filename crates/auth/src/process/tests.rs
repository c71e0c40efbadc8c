use std::time::Instant;

use super::*;

fn program(script: &str) -> Program {
    let words = ["/bin/sh", "-c", script].map(str::to_owned).to_vec();
    Program { module: "exec", words, memory: 256 * 1024 * 1024, timeout: Duration::from_secs(20) }
}

async fn run(program: &Program, input: Input, question: &str, trail: &Trail) -> Result<Done, ProcessError> {
    let question = Zeroizing::new(question.as_bytes().to_vec());
    let secret = Secret::new("hunter2");
    let variables = vec![("TCPLOCALPORT", "143".to_owned())];
    program.run(Errand { behind: &["a", "b"], input, question, variables, secret: Some(&secret), trail }).await
}

async fn output(script: &str, input: Input, question: &str) -> String {
    let done = run(&program(script), input, question, &Trail::default()).await.expect("it runs");
    assert_eq!(done.ended, Ended::Code(0));
    String::from_utf8(done.output.to_vec()).expect("UTF-8")
}

#[tokio::test]
async fn the_question_comes_in_where_it_is_wanted() {
    assert_eq!(output("cat <&3; cat", Input::Descriptor3, "question").await, "question");
    assert_eq!(output("cat", Input::Standard, "question").await, "question");
    assert_eq!(output("echo $0 $1", Input::Standard, "").await, "a b\n");
    let long = "x".repeat(60_000);
    assert_eq!(output("cat", Input::Standard, &long).await, long, "more than a pipe may hold");
    assert_eq!(output("exec <&-; echo deaf", Input::Standard, &long).await, "deaf\n");
}

#[tokio::test]
async fn how_it_ended_is_told() {
    let trail = Trail::default();
    for (script, ended) in [("exit 7", Ended::Code(7)), ("kill -SEGV $$", Ended::Signal(11))] {
        assert_eq!(run(&program(script), Input::Standard, "", &trail).await.expect("it runs").ended, ended);
    }
    let missing = Program { words: vec!["/nowhere/checker".to_owned()], ..program("") };
    let error = run(&missing, Input::Descriptor3, "", &trail).await.expect_err("there is none").to_string();
    assert!(error.starts_with("cannot run /nowhere/checker as uid ") && error.contains("No such file"), "{error}");
    let nothing = Program { words: vec![], ..program("") };
    assert!(matches!(run(&nothing, Input::Standard, "", &trail).await, Err(ProcessError::NoProgram("exec"))));
}

/// A checker sees its own descriptors alone, an environment of our making, and a session of its own.
#[tokio::test]
async fn nothing_of_ours_is_left_to_it() {
    // One that is not closed on exec, as a careless library would leave it.
    let leak = rustix::fs::open("/dev/null", rustix::fs::OFlags::RDONLY, rustix::fs::Mode::empty()).expect("it opens");
    let listing = "cd /proc/self/fd; for fd in *; do case $fd in [0-3]) ;; *) readlink $fd || :;; esac; done; cat <&3";
    assert_eq!(output(listing, Input::Descriptor3, "").await, "");
    assert_eq!(output("readlink /proc/$$/fd/3 || echo none", Input::Standard, "").await, "none\n");
    drop(leak);
    let variables = output("env | grep -v ^_= | sort", Input::Standard, "").await;
    assert_eq!(variables, format!("PATH={PATH}\nPWD=/\nTCPLOCALPORT=143\n"));
    assert_eq!(
        output("ulimit -c; [ $(cut -d' ' -f6 /proc/$$/stat) = $$ ] && echo own", Input::Standard, "").await,
        "0\nown\n"
    );
}

#[tokio::test]
async fn one_that_hangs_is_killed_with_all_that_it_started() {
    let mark = tempfile::tempdir().expect("a folder");
    let script =
        format!("sleep 600 & echo $! >{0}/new; mv {0}/new {0}/pid; echo waiting >&2; wait", mark.path().display());
    let slow = Program { timeout: Duration::from_secs(2), ..program(&script) };
    let (trail, started) = (Trail::default(), Instant::now());
    let error = run(&slow, Input::Standard, "", &trail).await.expect_err("it hangs").to_string();
    assert!(error.contains("did not answer within 2s and was killed, with all that it started"), "{error}");
    assert!(started.elapsed() < Duration::from_secs(15));
    assert_eq!(trail.lines()[0].text, "it said: waiting");
    gone(&mark.path().join("pid")).await;
}

/// A session that is gone drops the question, and with it the program.
#[tokio::test]
async fn one_that_nobody_waits_for_is_killed() {
    let mark = tempfile::tempdir().expect("a folder");
    let pid = mark.path().join("pid");
    let slow = program(&format!("echo $$ >{0}.new; mv {0}.new {0}; exec sleep 600", pid.display()));
    let trail = Trail::default();
    tokio::select! {
        _ = run(&slow, Input::Standard, "", &trail) => panic!("it hangs"),
        () = async { while !pid.exists() { tokio::time::sleep(Duration::from_millis(5)).await } } => {}
    }
    gone(&pid).await;
}

/// What a checker leaves behind in its group is killed, and what left the group cannot hold up the answer.
#[tokio::test]
async fn what_it_leaves_behind_holds_nothing_up() {
    let mark = tempfile::tempdir().expect("a folder");
    let pid = mark.path().join("pid");
    let script = format!("sleep 600 & echo $! >{}; setsid sleep 3 & echo done", pid.display());
    let started = Instant::now();
    assert_eq!(output(&script, Input::Standard, "").await, "done\n");
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    gone(&pid).await;
}

#[tokio::test]
async fn output_has_a_bound() {
    for flood in ["yes", "yes >&2"] {
        let error = run(&program(flood), Input::Standard, "", &Trail::default()).await.expect_err("a flood");
        assert!(matches!(error, ProcessError::TooMuch { .. }), "{error}");
    }
    assert_eq!(output("head -c 65536 /dev/zero | tr '\\0' x", Input::Standard, "").await.len(), MAX_OUTPUT);
}

#[tokio::test]
async fn memory_has_a_bound() {
    let hog = Program { memory: 64 * 1024 * 1024, ..program("exec dd bs=200M count=1 if=/dev/zero of=/dev/null") };
    let trail = Trail::default();
    let done = run(&hog, Input::Standard, "", &trail).await.expect("it runs");
    assert_ne!(done.ended, Ended::Code(0));
    assert!(trail.lines()[0].text.contains("memory exhausted"), "{:?}", trail.lines());
}

/// Waits until the process whose number is in a file is gone (or only not yet reaped).
async fn gone(file: &std::path::Path) {
    let pid = std::fs::read_to_string(file).expect("its number");
    let stat = format!("/proc/{}/stat", pid.trim());
    let deadline = Instant::now() + Duration::from_secs(10);
    while std::fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z ")) {
        assert!(Instant::now() < deadline, "{pid} still runs");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
