"""A month of a company's support on a clock that is moved: customers, agents and outages around the whole product."""
