"""The PLC program: inputs to outputs, one scan at a time; the other half of the exchange contract. Pure."""
