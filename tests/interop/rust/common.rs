//! tests/interop/rust/common.rs - what both clients need: the simulator as a child, and a list of what went wrong.
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

pub struct Sim {
    child: Child,
    pub address: String,
}

impl Sim {
    /// Generated data, so that no files are needed; ends by itself should we not end it.
    pub fn start(program: &str) -> Sim {
        let mut child = Command::new(program)
            .args(["sim", "--port", "0", "--no-data", "--json", "--symbols", "AAPL"])
            .args(["--seed", "7", "--speed", "5", "--start", "10:00", "--duration", "120"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the simulator starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let from = line.find("\"port\":").expect("it names its port") + 7;
        let port: String = line[from..].chars().take_while(char::is_ascii_digit).collect();
        Sim { child, address: format!("127.0.0.1:{port}") }
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[derive(Default)]
pub struct Report {
    failures: usize,
    checks: usize,
}

impl Report {
    pub fn expect(&mut self, holds: bool, what: &str) {
        self.checks += 1;
        if !holds {
            self.failures += 1;
            println!("FAIL {what}");
        }
    }

    /// The exit status: 0 when all held.
    pub fn close(self, who: &str) -> i32 {
        println!("{who}: {} checks, {} failed", self.checks, self.failures);
        (self.failures > 0) as i32
    }
}
