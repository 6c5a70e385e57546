"""Work that falls due: deadlines, automations, notices."""
