"""What people do next: work lists, escalations, the weekly meeting, CRM import files."""
