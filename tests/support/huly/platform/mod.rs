//! Huly as its own services show it: account, transactor, collaborator and front.

pub mod account;
pub mod blobs;
pub mod collaborator;
pub mod controls;
pub mod documents;
pub mod feed;
pub mod fields;
pub mod find;
pub mod front;
pub mod gzip;
pub mod issues;
pub mod limit;
pub mod live;
pub mod lookup;
pub mod markup;
pub mod model;
pub mod projects;
pub mod query;
pub mod system;
pub mod token;
pub mod transactor;
pub mod tx;
pub mod workspace;
