//! Folders and the files in them.

use serde_json::{Value, json};

use super::memory::{File, Folder, Memory};
use super::routes::{Answered, detail, ok, text_of};
use super::shapes::{file_json, folder_json};
use crate::support::web::message::{Request, json_of};

impl Memory {
    pub fn folders(&mut self, method: &str, request: &Request) -> Answered {
        match method {
            "GET" => {
                // A part of the name is enough, whatever its case.
                let part = request.query("name").unwrap_or_default().to_lowercase();
                let found =
                    self.folders.iter().filter(|one| one.name.to_lowercase().contains(&part));
                Ok(ok(&found.map(folder_json).collect::<Vec<_>>()))
            }
            "POST" => self.create_folder(request),
            _ => Err(detail(405, "Method Not Allowed")),
        }
    }

    fn create_folder(&mut self, request: &Request) -> Answered {
        let body = json_of(&request.body).unwrap_or_default();
        let Some(embedding) = text_of(&body, "embedding") else {
            let why =
                "INVALID_ARGUMENT: Must specify either embedding or embedding_config in request";
            return Err(detail(400, why));
        };
        let name = text_of(&body, "name").unwrap_or_default();
        if self.folders.iter().any(|folder| folder.name == name) {
            return Err(detail(
                409,
                "A unique constraint was violated for Source. Check your input \
                for duplicates: (sqlalchemy.dialects.postgresql.asyncpg.IntegrityError) <class \
                'asyncpg.exceptions.UniqueViolationError'>: duplicate key value violates unique \
                constraint \"uq_source_name_organization\"\nDETAIL:  Key (name, organization_id)=(",
            ));
        }
        let folder = Folder {
            id: self.id("source"),
            name,
            description: text_of(&body, "description"),
            metadata: body["metadata"].clone(),
            embedding,
            created_ms: self.clock.now_ms(),
            files: Vec::new(),
        };
        let answer = ok(&folder_json(&folder));
        self.folders.push(folder);
        Ok(answer)
    }

    pub fn folder_by_name(&self, name: &str) -> Answered {
        let found = self.folders.iter().find(|folder| folder.name == name);
        let missing = || detail(404, &format!("Source with name={name} not found."));
        found.map(|folder| ok(&folder.id)).ok_or_else(missing)
    }

    pub fn files(&self, id: &str, request: &Request) -> Answered {
        let folder = self.folder(id).ok_or_else(|| missing(id))?;
        let shown = |file: &File| {
            let mut json = file_json(folder, file);
            json["processing_status"] = json!("embedding");
            json["total_chunks"] = json!(1);
            json["chunks_embedded"] = json!(0);
            if request.query("include_content").as_deref() == Some("true") {
                json["content"] = json!(String::from_utf8_lossy(&file.text));
            }
            json
        };
        Ok(ok(&folder.files.iter().map(shown).collect::<Vec<Value>>()))
    }

    pub fn upload(&mut self, id: &str, request: &Request) -> Answered {
        let form = request.header("content-type").unwrap_or_default();
        let Some((file_name, kind, text)) = part(form, &request.body) else {
            return Err(detail(422, "Field required"));
        };
        if !kind.starts_with("text/") {
            return Err(detail(415, &format!("Unsupported file type: {kind}")));
        }
        let handling = request.query("duplicate_handling").unwrap_or_default();
        let original_name = request.query("name").unwrap_or(file_name);
        let (file_id, now) = (self.id("file"), self.clock.now_ms());
        let folder = self.folders.iter_mut().find(|one| one.id == id).ok_or_else(|| missing(id))?;
        let there = folder.files.iter().position(|file| file.original_name == original_name);
        let name = match (there, handling.as_str()) {
            (Some(at), "skip") => return Ok(ok(&file_json(folder, &folder.files[at]))),
            (Some(at), "replace") => {
                folder.files.remove(at);
                original_name.clone()
            }
            // With a number, so that it is one more.
            (Some(_), _) => format!("{original_name}_({})", folder.files.len()),
            (None, _) => original_name.clone(),
        };
        let file = File { id: file_id, name, original_name, text, created_ms: now };
        let answer = ok(&file_json(folder, &file));
        folder.files.push(file);
        Ok(answer)
    }
}

fn missing(id: &str) -> crate::support::web::message::Answer {
    detail(404, &format!("Source with id={id} not found."))
}

/// Name, type and content of the one file of a form.
fn part(content_type: &str, body: &[u8]) -> Option<(String, String, Vec<u8>)> {
    let border = content_type.split_once("boundary=")?.1.trim_matches('"').to_owned();
    let at = |wanted: &[u8], from: usize| {
        body[from..].windows(wanted.len()).position(|part| part == wanted).map(|at| at + from)
    };
    let begin = at(b"\r\n\r\n", 0)? + 4;
    let end = at(format!("\r\n--{border}").as_bytes(), begin)?;
    let head = String::from_utf8_lossy(&body[..begin]).into_owned();
    let name = head.split_once("filename=\"")?.1.split_once('"')?.0.to_owned();
    let kind = head.lines().find_map(|line| line.strip_prefix("Content-Type: "))?.to_owned();
    Some((name, kind, body[begin..end].to_vec()))
}
