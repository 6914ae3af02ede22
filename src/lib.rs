//! Two-way sync between Huly issues and Vibe Kanban tasks.
