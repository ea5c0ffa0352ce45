"""How things look: glyphs, lines, themes."""
