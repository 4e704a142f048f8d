"""Three-way merging of a charter: pure, from three versions to one and a report."""
