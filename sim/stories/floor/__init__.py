"""Stories of the floor: what people do at chutes and sorters: bags with limits, buttons, purges, waves."""
