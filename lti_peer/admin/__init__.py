"""The pages for whoever runs the tool: LMSs, deliveries, keys, audit."""
