"""What all pages share: visits, policies, forms, errors, headers, and the parts of pages."""
