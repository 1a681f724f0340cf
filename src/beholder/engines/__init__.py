"""Whatever answers jobs, behind one seam."""
