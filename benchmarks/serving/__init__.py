"""How fast the portal answers, beside what people use instead."""
