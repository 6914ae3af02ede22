//! Writes JSON objects in a given order of fields, as the real servers do, straight into a buffer.

use serde::Serialize;

/// An object under construction.
pub struct Object<'a> {
    out: &'a mut Vec<u8>,
    any: bool,
}

impl<'a> Object<'a> {
    /// Opens an object at the end of `out`.
    pub fn open(out: &'a mut Vec<u8>) -> Object<'a> {
        out.push(b'{');
        Object { out, any: false }
    }

    fn name(&mut self, name: &str) {
        if self.any {
            self.out.push(b',');
        }
        self.any = true;
        serde_json::to_writer(&mut *self.out, name).expect("writing to memory");
        self.out.push(b':');
    }

    /// Adds a field.
    pub fn field<T: Serialize + ?Sized>(mut self, name: &str, value: &T) -> Self {
        self.name(name);
        serde_json::to_writer(&mut *self.out, value).expect("writing to memory");
        self
    }

    /// Adds a field whose value is JSON already.
    pub fn raw(mut self, name: &str, json: &[u8]) -> Self {
        self.name(name);
        self.out.extend_from_slice(json);
        self
    }

    /// Closes the object.
    pub fn close(self) {
        self.out.push(b'}');
    }
}
