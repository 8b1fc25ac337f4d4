"""Figures on what people ask and how they are helped: counts of days, and what of them may be
shown. No text and no person is in any table of this package."""
