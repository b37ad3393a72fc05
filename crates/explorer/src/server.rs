//! The page of the explorer on 127.0.0.1, for browsers of this computer alone.
//!
//! What keeps others out: it listens on the loopback address only; the path begins with a token of 128 random
//! bits; the `Host` must be the address that it serves, so that no name of somebody else leads here; an
//! `Origin`, where a browser sends one, must be its own. Nothing is read from the disk and nothing written.

use std::fmt::Write as _;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::Explorer;
use crate::page::{Answers, page};

/// Longest head of a request, and longest question, in bytes.
const LONGEST_HEAD: u64 = 16 << 10;
const LONGEST_QUESTION: usize = 4 << 20;

/// How long a browser may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(10);

/// Requests that are answered at once; more wait.
const MOST_CONNECTIONS: usize = 32;

/// A server that listens.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    door: Arc<Door>,
}

/// What every connection needs.
#[derive(Debug)]
struct Door {
    port: u16,
    token: String,
    page: String,
    explorer: Mutex<Explorer>,
}

/// An answer: status, kind of content, content.
type Answer = (&'static str, &'static str, String);

impl Server {
    /// Listens on this port of the loopback address; 0 is a free one.
    ///
    /// # Errors
    /// The port is taken, or the system has no random numbers.
    pub fn open(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let token = random.iter().fold(String::new(), |mut token, byte| {
            let _ = write!(token, "{byte:02x}");
            token
        });
        let door = Door {
            port: listener.local_addr()?.port(),
            token,
            page: page(Answers::Server),
            explorer: Mutex::default(),
        };
        Ok(Self {
            listener,
            door: Arc::new(door),
        })
    }

    /// Where the page is.
    #[must_use]
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}/{}/", self.door.port, self.door.token)
    }

    /// Answers until the program ends.
    pub fn serve(&self) {
        for stream in self.listener.incoming().flatten() {
            if Arc::strong_count(&self.door) > MOST_CONNECTIONS {
                continue;
            }
            let door = Arc::clone(&self.door);
            // A browser that goes away is no failure.
            std::thread::spawn(move || door.connection(&stream).ok());
        }
    }
}

impl Door {
    fn connection(&self, stream: &TcpStream) -> io::Result<()> {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let (status, kind, content) = match Request::read(stream) {
            Ok(request) => self.answer(&request),
            Err(error) => ("400 Bad Request", "text/plain", format!("{error}\n")),
        };
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Length: {}\r\n\
             Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n\
             Content-Security-Policy: frame-ancestors 'none'\r\nCross-Origin-Resource-Policy: same-origin\r\n\
             Connection: close\r\n\r\n",
            content.len()
        );
        let mut stream = stream;
        stream.write_all(head.as_bytes())?;
        stream.write_all(content.as_bytes())
    }

    fn answer(&self, request: &Request) -> Answer {
        let refused = |status, words: &str| (status, "text/plain", format!("{words}\n"));
        let names = [
            format!("127.0.0.1:{}", self.port),
            format!("localhost:{}", self.port),
        ];
        if !names.contains(&request.host) {
            return refused("421 Misdirected Request", "this is another host");
        }
        let is_own = |origin: &String| names.iter().any(|name| *origin == format!("http://{name}"));
        if !request.origin.as_ref().is_none_or(is_own) {
            return refused("403 Forbidden", "pages of others may not ask");
        }
        let inside = request.path.strip_prefix('/');
        let inside = inside.and_then(|path| path.strip_prefix(self.token.as_str()));
        match (request.method.as_str(), inside) {
            ("GET", Some("/")) => ("200 OK", "text/html", self.page.clone()),
            ("POST", Some("/ask")) => ("200 OK", "application/json", self.ask(&request.body)),
            (_, Some("/" | "/ask")) => refused("405 Method Not Allowed", "not like this"),
            _ => refused("404 Not Found", "there is nothing here"),
        }
    }

    /// A fault of the program ends the question, not the server.
    fn ask(&self, question: &str) -> String {
        let mut explorer = self.explorer.lock().unwrap_or_else(PoisonError::into_inner);
        catch_unwind(AssertUnwindSafe(|| explorer.answer(question))).unwrap_or_else(|_| {
            *explorer = Explorer::default();
            r#"{"error":"the program came to a stop it should not have","stopped":true}"#.to_owned()
        })
    }
}

/// What a browser asks.
#[derive(Debug, Default)]
struct Request {
    method: String,
    path: String,
    host: String,
    origin: Option<String>,
    body: String,
}

impl Request {
    fn read(stream: &TcpStream) -> io::Result<Self> {
        let wrong = |words: &str| io::Error::new(io::ErrorKind::InvalidData, words.to_owned());
        let mut reader = BufReader::new(stream);
        let mut request = Self::default();
        let mut length = 0;
        {
            let mut head = reader.by_ref().take(LONGEST_HEAD);
            let mut line = String::new();
            head.read_line(&mut line)?;
            let mut words = line.split_ascii_whitespace();
            request.method = words.next().unwrap_or_default().to_owned();
            request.path = words.next().unwrap_or_default().to_owned();
            loop {
                line.clear();
                if head.read_line(&mut line)? == 0 {
                    return Err(wrong("the head of the request has no end"));
                }
                let Some((name, value)) = line.trim_end().split_once(':') else {
                    break;
                };
                let value = value.trim().to_owned();
                match name.to_ascii_lowercase().as_str() {
                    "host" => request.host = value,
                    "origin" => request.origin = Some(value),
                    "content-length" => {
                        length = value.parse().map_err(|_| wrong("no length of content"))?;
                    }
                    _ => {}
                }
            }
        }
        if length > LONGEST_QUESTION {
            return Err(wrong("the question is too long"));
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        request.body = String::from_utf8(body).map_err(|_| wrong("the question is no text"))?;
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door() -> Door {
        Door {
            port: 8000,
            token: "token".to_owned(),
            page: "the page".to_owned(),
            explorer: Mutex::default(),
        }
    }

    fn request(method: &str, path: &str, host: &str, origin: Option<&str>) -> Request {
        Request {
            method: method.to_owned(),
            path: path.to_owned(),
            host: host.to_owned(),
            origin: origin.map(str::to_owned),
            body: r#"{"do":"nothing"}"#.to_owned(),
        }
    }

    fn status(method: &str, path: &str, host: &str, origin: Option<&str>) -> &'static str {
        let (status, _, content) = door().answer(&request(method, path, host, origin));
        let given = content.contains("the page") || content.starts_with('{');
        assert_eq!(given, status == "200 OK", "{content}");
        &status[..3]
    }

    #[test]
    fn the_page_is_for_browsers_of_this_computer_alone() {
        let own = "127.0.0.1:8000";
        assert_eq!(status("GET", "/token/", own, None), "200");
        assert_eq!(status("GET", "/token/", "localhost:8000", None), "200");
        assert_eq!(
            status("POST", "/token/ask", own, Some("http://127.0.0.1:8000")),
            "200"
        );
        assert_eq!(status("GET", "/token/", "evil.example", None), "421");
        assert_eq!(status("GET", "/token/", "", None), "421");
        assert_eq!(status("GET", "/token/", "127.0.0.1:8001", None), "421");
        for other in ["http://evil.example", "null", "https://127.0.0.1:8000", ""] {
            assert_eq!(status("POST", "/token/ask", own, Some(other)), "403");
        }
        for path in [
            "/",
            "/token",
            "/tokem/",
            "/token/../",
            "/token/ask/",
            "token/",
            "//token/",
        ] {
            assert_eq!(status("GET", path, own, None), "404", "{path}");
        }
        assert_eq!(status("GET", "/token/ask", own, None), "405");
    }

    #[test]
    fn a_request_is_read_from_a_connection() {
        let server = Server::open(0).expect("a free port");
        let port = server.door.port;
        let token = server.door.token.clone();
        assert_eq!(token.len(), 32);
        std::thread::spawn(move || server.serve());
        let ask = |head: &str, body: &str| {
            let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("it listens");
            let length = body.len();
            let head = format!("{head}\r\nContent-Length: {length}\r\n\r\n{body}");
            stream.write_all(head.as_bytes()).expect("it reads");
            let mut answer = String::new();
            stream.read_to_string(&mut answer).expect("it answers");
            answer
        };
        let host = format!("Host: 127.0.0.1:{port}");
        let answer = ask(
            &format!("POST /{token}/ask HTTP/1.1\r\n{host}"),
            r#"{"do":"hello"}"#,
        );
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.contains("\"presets\":["), "{answer}");
        let other = ask(&format!("GET /{token}/ HTTP/1.1\r\nHost: evil"), "");
        assert!(other.starts_with("HTTP/1.1 421 "), "{other}");
        let noise = ask("\u{0}\u{1} nonsense", "");
        assert!(noise.starts_with("HTTP/1.1 4"), "{noise}");
    }
}
