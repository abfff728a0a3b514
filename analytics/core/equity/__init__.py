"""Are areas served alike: standardised by the mix of services, small groups suppressed, many comparisons counted."""
