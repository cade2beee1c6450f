//! contain COMMAND...: runs a command in processkit's best containment.
//! The tree falls when the command ends; TERM asks it, waits half a second, then kills.

use processkit::{Command, Outcome, ProcessGroup, StdioMode};
use std::time::Duration;
use tokio::signal::unix::{signal, SignalKind};

const GRACE: Duration = Duration::from_millis(500);

/// One thread: processkit's parent-death signal is tied to the thread that spawns.
#[tokio::main(flavor = "current_thread")]
async fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let status = match contain(&words).await {
        Ok(status) => status,
        Err(error) => {
            eprintln!("contain: {error}");
            125
        }
    };
    std::process::exit(status);
}

async fn contain(words: &[String]) -> processkit::Result<i32> {
    let mut terminate = signal(SignalKind::terminate()).expect("SIGTERM can be handled");
    let group = ProcessGroup::new()?;
    let process = group.start(&command(words)).await?;
    let wait = process.wait();
    tokio::pin!(wait);
    tokio::select! {
        outcome = &mut wait => {
            group.stop(Duration::ZERO, true).await?;
            Ok(status(outcome?))
        }
        _ = terminate.recv() => {
            // Both at once: a child that nobody awaits counts as alive for the whole grace.
            let (stopped, outcome) = tokio::join!(group.stop(GRACE, true), &mut wait);
            stopped?;
            Ok(status(outcome?))
        }
    }
}

fn command(words: &[String]) -> Command {
    Command::new(&words[0])
        .args(&words[1..])
        .inherit_stdin()
        .stdout(StdioMode::Inherit)
        .stderr(StdioMode::Inherit)
        .kill_on_parent_death()
}

fn status(outcome: Outcome) -> i32 {
    match outcome {
        Outcome::Exited(code) => code,
        Outcome::Signalled(Some(number)) => 128 + number,
        _ => 125,
    }
}
